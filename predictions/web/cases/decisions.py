"""The forms of decisions and notices, and the decision part of a case's page."""

from typing import Any, TypedDict

from django import forms

from predictions.live import decision_codes
from predictions.models import Decision, DecisionCode, Prediction
from predictions.models.querysets import AnyUser
from predictions.reading.case_file import CaseFile
from predictions.reading.filters import is_key
from predictions.roles import DECIDE, SEE_ALL
from predictions.web.cases.others import ApplicationPredictions
from predictions.web.forms import RefusableForm

_NONE = ("", "No reason (follows the advice)")
_REQUIRED = {
    "verdict": "Choose Approve or Deny.",
    "code": "Against the model's advice: choose a reason.",
    "note": "Against the model's advice: explain why in the internal note.",
}


class ServiceForm(RefusableForm):
    """A form whose rules are in a service. The service's errors are added to the fields."""

    def entered(self, name: str) -> str:
        return str(self.data.get(name, ""))

    def newest_id(self) -> int:
        """Return the id of the row that was the newest when the form was shown; 0 if there was none."""
        text = self.entered("after")
        return int(text) if is_key(text) else 0


class DecisionValues(TypedDict):
    """The arguments of `decisions.decide` that a person enters."""

    verdict: str
    code: str
    note: str
    applicant_text: str
    after: int


class DecisionForm(ServiceForm):
    required_words = _REQUIRED
    verdict = forms.CharField(required=False)
    code = forms.CharField(
        label="Reason",
        required=False,
        widget=forms.Select(),
        help_text="Needed against the model's advice; a denial may have one.",
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = [code for code in decision_codes.every().values() if not code.retired_at]
        offered = [(code.name, code.label) for code in self.codes]
        self.fields["code"].widget.choices = [_NONE, *offered]

    def prepared_words(self) -> list[DecisionCode]:
        """Return the codes that offer words for the applicant of a denial."""
        return [code for code in self.codes if code.for_denials and code.applicant_text]

    def decision_values(self) -> DecisionValues:
        """Return the entries as arguments of `decisions.decide`."""
        return {
            "verdict": self.entered("verdict"),
            "code": self.entered("code"),
            "note": self.entered("note"),
            "applicant_text": self.entered("applicant_text"),
            "after": self.newest_id(),
        }


class NoticeForm(ServiceForm):
    text = forms.CharField(
        label="Text of the notice", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 32})
    )


class DecisionDesk:
    """The newest decision, the open claim, and the actions that this user may take.

    An outdated prediction allows no action.
    """

    def __init__(
        self,
        predictions: ApplicationPredictions,
        user: AnyUser,
        *,
        file: CaseFile,
        form: DecisionForm,
        error: str = "",
    ) -> None:
        prediction, claim = predictions.this, file.claim
        self.form, self.error, self.claim = form, error, claim
        on_this = [decision for decision in file.decisions if decision.prediction_id == prediction.pk]
        self.newest, self.earlier = on_this[0] if on_this else None, on_this[1:]
        self.outdated = any(other.pk > prediction.pk for other in predictions.others)
        self.before = [decision for decision in file.decisions if decision.prediction_id < prediction.pk]
        self.advice = "approve" if prediction.approved else "deny"
        self.referred = prediction.outcome == Prediction.Outcome.REFER
        self.remarked = prediction.policy.rule.refers_for(prediction.referring_remarks)
        self.waits = predictions.waits_from is not None and not self.outdated
        self.waits_from = predictions.waits_from if self.waits else None
        self.mine = claim is not None and claim.by_id == user.pk
        self.open = claim is None or self.mine
        self.may_decide = user.has_perm(DECIDE) and not self.outdated
        self.may_release = claim is not None and self.may_decide and (self.mine or user.has_perm(SEE_ALL))

    @property
    def denied(self) -> bool:
        return self.newest is not None and self.newest.verdict == Decision.Verdict.DENIED
