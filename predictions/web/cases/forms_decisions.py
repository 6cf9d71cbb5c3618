"""Forms for a decision and for a notice. The services check; the forms keep what was typed."""

from typing import Any

from django import forms

from predictions.models import Decision
from predictions.reading.filter_values import is_key
from predictions.web.forms import RefusableForm

_NONE = ("", "None: it follows the advice")
_REQUIRED = {
    "verdict": "Choose to approve or to deny.",
    "code": "This differs from the model's advice: choose a reason.",
    "note": "This differs from the model's advice: say why in the internal note.",
}


class ServiceForm(RefusableForm):
    """Fields without rules of their own: a service has those, and its refusal becomes the fields' faults."""

    def typed(self, name: str) -> str:
        return str(self.data.get(name, ""))

    def after(self) -> int:
        """Return the row that was the newest one when the form was shown; none of them when unreadable."""
        text = self.typed("after")
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
        help_text="For colleagues: what you saw and the model did not. No letter and no sheet ever has it.",
    )
    applicant_text = forms.CharField(
        label="Words for the applicant",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The applicant reads this: a denial letter begins with it. May be left empty.",
    )

    def said(self) -> dict[str, Any]:
        """Return what `decisions.decide` is told."""
        names = ("verdict", "code", "note", "applicant_text")
        return {name: self.typed(name) for name in names} | {"after": self.after()}


class NoticeForm(ServiceForm):
    text = forms.CharField(
        label="Text of the notice", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 32})
    )
