"""What a case's page offers to those who decide, and what they decided."""

from typing import Any

from django import forms

from predictions.models import Decision, Prediction
from predictions.models.querysets import AnyUser
from predictions.reading.case_file import CaseFile
from predictions.reading.filters import is_key
from predictions.roles import DECIDE, SEE_ALL
from predictions.web.forms import RefusableForm

_NONE = ("", "No reason needed (follows the advice)")
_REQUIRED = {
    "verdict": "Choose Approve or Deny.",
    "code": "Against the model's advice: choose a reason.",
    "note": "Against the model's advice: explain why in the internal note.",
}


class ServiceForm(RefusableForm):
    """Fields without rules of their own: a service has those, and its refusal becomes the fields' faults."""

    def entered(self, name: str) -> str:
        return str(self.data.get(name, ""))

    def newest_id(self) -> int:
        """Return the row that was the newest one when the form was shown; none of them when unreadable."""
        text = self.entered("after")
        return int(text) if is_key(text) else 0


class DecisionForm(ServiceForm):
    required_words = _REQUIRED
    verdict = forms.CharField(required=False)
    code = forms.CharField(
        label="Reason", required=False, widget=forms.Select(choices=[_NONE, *Decision.Code.choices])
    )
    note = forms.CharField(
        label="Internal note",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For colleagues: what you know that the model does not. "
        "It never appears in a letter or on the explanation sheet.",
    )
    applicant_text = forms.CharField(
        label="Words for the applicant",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Optional. The denial notice begins with this text.",
    )

    def decision_values(self) -> dict[str, Any]:
        """Return what `decisions.decide` is told."""
        names = ("verdict", "code", "note", "applicant_text")
        return {name: self.entered(name) for name in names} | {"after": self.newest_id()}


class NoticeForm(ServiceForm):
    text = forms.CharField(
        label="Text of the notice", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 32})
    )


class DecisionDesk:
    """The decision that counts, the claim that stands, and what this user may do next.

    `prediction` comes with `waits_from` (see `case_and_others`). With an outdated one there is nothing to do.
    """

    def __init__(
        self,
        prediction: Any,
        user: AnyUser,
        *,
        file: CaseFile,
        newest: Prediction,
        form: DecisionForm,
        error: str = "",
    ) -> None:
        claim = file.claim
        self.form, self.error, self.claim = form, error, claim
        own = [decision for decision in file.decisions if decision.prediction_id == prediction.pk]
        self.newest, self.earlier = own[0] if own else None, own[1:]
        self.outdated = newest.pk != prediction.pk
        self.before = [decision for decision in file.decisions if decision.prediction_id < prediction.pk]
        self.advice = "approve" if prediction.approved else "deny"
        self.referred = prediction.outcome == Prediction.Outcome.REFER
        self.remarked = prediction.policy.rule.refers_for(prediction.referring_remarks)
        self.waits = prediction.waits_from is not None and not self.outdated
        self.waits_from = prediction.waits_from if self.waits else None
        self.mine = claim is not None and claim.by_id == user.pk
        self.open = claim is None or self.mine
        self.may_decide = user.has_perm(DECIDE) and not self.outdated
        self.may_release = claim is not None and self.may_decide and (self.mine or user.has_perm(SEE_ALL))

    @property
    def denied(self) -> bool:
        return self.newest is not None and self.newest.verdict == Decision.Verdict.DENIED
