"""Applications of one Loan_ID that several officers have, from databases of before: merge them, or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from predictions.errors import Conflict, InvalidFields
from predictions.live.products import product_of
from predictions.models import Prediction
from predictions.reading.applications import ApplicationState, with_state
from predictions.reading.filters import is_key
from predictions.reading.same_ids import SameId, undecided_groups
from predictions.roles import ASSIGN, SEE_ALL
from predictions.services.cases import merging
from predictions.services.scoring.namespaces import staff_accounts
from predictions.web.cases.decisions import ServiceForm
from predictions.web.cases.facts import STATE_WORDS
from predictions.web.cases.lookup import redirect_after_post, visible_predictions
from predictions.web.presentation import prediction_percent

MAX_SHOWN = 25


@dataclass(frozen=True, slots=True)
class SameIdLine:
    """An application of the Loan_ID, as last scored."""

    prediction: Prediction
    percent: str
    state: str

    @classmethod
    def of(cls, prediction: Any) -> "SameIdLine":
        state = STATE_WORDS[ApplicationState(prediction.state)]
        return cls(prediction, prediction_percent(prediction), state)


class MergeForm(ServiceForm):
    """Two selects of the group's applications, and why; the button that was pressed names the act."""

    prediction = forms.CharField(label="Merge the application of", required=False, widget=forms.Select)
    into = forms.CharField(label="Into the application of", required=False, widget=forms.Select)
    reason = forms.CharField(label="Why", required=False, strip=False)

    def shown(self) -> list[str]:
        """Return the keys of the group's predictions, as the page showed them."""
        return cast("QueryDict", self.data).getlist("shown")

    def offer(self, lines: Sequence[SameIdLine]) -> None:
        choices = [
            (line.prediction.pk, f"{line.prediction.owner.get_username()}, prediction {line.prediction.pk}")
            for line in lines
        ]
        self.fields["prediction"].widget.choices, self.fields["into"].widget.choices = choices, choices[::-1]


@dataclass(frozen=True, slots=True)
class SameIdGroup:
    """A Loan_ID with its applications and the form about them."""

    loan_id: str
    lines: list[SameIdLine]
    form: MergeForm


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required([ASSIGN, SEE_ALL], raise_exception=True)
def same_ids(request: HttpRequest) -> HttpResponse:
    """List the Loan_IDs with several applications of the staff. POST merges two, or keeps all apart."""
    if request.method != "POST":
        return _page(request)
    form = MergeForm(request.POST)
    try:
        messages.success(request, _carry_out(request, form))
    except InvalidFields as refused:
        form.add_errors(refused)
        return _page(request, form, status=422)
    except Conflict as error:
        return _page(request, form, error=str(error), status=409)
    return redirect_after_post("same_ids")


def _carry_out(request: HttpRequest, form: MergeForm) -> str:
    reason = form.entered("reason")
    if form.entered("act") == "apart":
        shown = _named(request, form.shown())
        merging.keep_apart(predictions=shown, by=request.user, reason=reason)
        return f"The applications of {shown[0].loan_id} stay apart."
    merged, into = _named(request, [form.entered("prediction"), form.entered("into")])
    merging.merge(prediction=merged, into=into, by=request.user, reason=reason)
    names = [one.owner.get_username() for one in (merged, into)]
    return "{}: the application of {} is merged into that of {}.".format(merged.loan_id, *names)


def _named(request: HttpRequest, keys: Sequence[str]) -> list[Prediction]:
    """Return different predictions by their keys. Raises `Conflict` if there are less than two."""
    pks = [int(key) for key in dict.fromkeys(keys) if is_key(key)]
    found = visible_predictions(request).select_related("owner").in_bulk(pks[: MAX_SHOWN + 1])
    if len(found) < 2 or len(found) != len(pks):
        raise Conflict("Choose two different applications.")
    return [found[pk] for pk in pks]


def _page(
    request: HttpRequest, form: MergeForm | None = None, *, error: str = "", status: int = 200
) -> HttpResponse:
    owners = set(staff_accounts().values_list("pk", flat=True))
    found = undecided_groups(product_of(request), owners, MAX_SHOWN + 1)
    context = {
        "groups": _groups(found[:MAX_SHOWN], form),
        "more": len(found) > MAX_SHOWN,
        "error": error,
    }
    return render(request, "predictions/decisions/same_ids.html", context, status=status)


def _groups(found: Sequence[SameId], sent: MergeForm | None) -> list[SameIdGroup]:
    """Return the groups; the one whose form was refused has that form."""
    pks = [pk for same in found for pk in same.newest]
    rows = with_state(Prediction.objects.filter(pk__in=pks).select_related("owner", "policy"))
    by_id = {row.pk: row for row in rows.with_application_id()}  # type: ignore[attr-defined]
    shown = set(sent.shown()) if sent else set()
    groups = []
    for loan_id, newest in found:
        lines = [SameIdLine.of(by_id[pk]) for pk in newest]
        is_sent = sent is not None and shown == {str(pk) for pk in newest}
        form = sent if sent and is_sent else MergeForm(auto_id=f"id_{newest[0]}_%s")
        form.offer(lines)
        groups.append(SameIdGroup(loan_id, lines, form))
    return groups
