"""Page of all activations; it also shows the version that was active on a date."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from predictions.live.products import product_of
from predictions.models import Activation, Product
from predictions.models.model_version import ActivationQuerySet
from predictions.roles import SEE_MODELS
from predictions.web.models.forms import InvalidMoment, read_span

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class ActiveVersions:
    """Activations in effect from `start` to `end`, oldest first. Both are equal for one moment."""

    start: datetime
    end: datetime
    activations: list[Activation]

    @property
    def whole_day(self) -> bool:
        return self.start != self.end


@require_safe
@login_required
@permission_required(SEE_MODELS, raise_exception=True)
def model_timeline(request: HttpRequest) -> HttpResponse:
    """List activations, newest first; ``?on=`` with a date or date and time shows what was active then."""
    text, product = _requested_time(request), product_of(request)
    context: dict[str, object] = {
        "page": Paginator(_activations(product), PAGE_SIZE).get_page(request.GET.get("page")),
        "on": text[:10],
        "at": text[11:16],
    }
    try:
        context["answer"] = _active_versions(product, *read_span(text)) if text else None
    except InvalidMoment as error:
        context["error"] = str(error)
    status = 422 if "error" in context else 200
    return render(request, "predictions/models/model_timeline.html", context, status=status)


def _requested_time(request: HttpRequest) -> str:
    """Join date and time of the form. In a link, ``on`` may contain both."""
    day, clock = (request.GET.get(name, "").strip() for name in ("on", "at"))
    return f"{day}T{clock}" if clock else day


def _active_versions(product: Product, start: datetime, end: datetime) -> ActiveVersions:
    first = _activations(product).live_on(start)
    later = _activations(product).filter(at__gt=start, at__lt=end).order_by("at", "pk")
    return ActiveVersions(start, end, [*first, *later])


def _activations(product: Product) -> ActivationQuerySet:
    activations = (
        Activation.objects.of_product(product).with_end().select_related("version", "previous", "by")
    )
    return activations.defer("version__report", "previous__report")
