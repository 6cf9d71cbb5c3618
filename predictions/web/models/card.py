"""The model card of a version, as a page and as a Markdown file."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ml.errors import CardFieldMissing
from ml.reports import card as model_card
from predictions.models import ModelVersion
from predictions.roles import SEE_MODELS
from predictions.services.versions.export import card_facts
from predictions.web.errors import conflict
from predictions.web.mounts import get_own
from predictions.words.times import in_site_zone

VersionView = Callable[[HttpRequest, ModelVersion], HttpResponse]


def _of_version(view: VersionView) -> Callable[[HttpRequest, int], HttpResponse]:
    """Let a view take the version with the id of the URL. A model card with missing facts gives 409."""

    @require_safe
    @login_required
    @permission_required(SEE_MODELS, raise_exception=True)
    @in_site_zone
    @wraps(view)
    def wrapper(request: HttpRequest, pk: int) -> HttpResponse:
        version = get_own(request, ModelVersion.objects.all(), pk)
        try:
            return view(request, version)
        except CardFieldMissing as error:
            detail = f"{error} Version {pk} was trained before this fact was stored. Train it again."
            return conflict(request, f"Version {pk} has no model card", detail)

    return wrapper


@_of_version
def model_card_page(request: HttpRequest, version: ModelVersion) -> HttpResponse:
    context = {"version": version, "card": model_card.build_model_card(card_facts(version))}
    return render(request, "predictions/evaluation/model_card.html", context)


@_of_version
def model_card_file(request: HttpRequest, version: ModelVersion) -> HttpResponse:
    name = f"model-card-version-{version.pk}.md"
    text = model_card.model_card_markdown(card_facts(version))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="text/markdown; charset=utf-8", headers=headers)
