"""Forms for a decision and for a notice. The services check; the forms keep what was typed."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from predictions.errors import BadFields
from predictions.filter_values import is_key
from predictions.models import Decision

_NONE = ("", "None: it follows the advice")
# What the service says is for programs: it lists their codes.
_REQUIRED = {
    "verdict": "Choose to approve or to deny.",
    "code": "This differs from the model's advice: choose a reason.",
    "note": "This differs from the model's advice: say why in a note.",
}


class PlainBoundField(forms.BoundField):
    """A field that looks as it stands; the cursor is in the first one at fault."""

    def build_widget_attrs(self, attrs: Any, widget: forms.Widget | None = None) -> Any:
        looks = "form-select" if isinstance(self.field.widget, forms.Select) else "form-control"
        state = " is-invalid" if self.errors else ""
        first = self.name == next(iter(self.form.errors), None)
        more: dict[str, Any] = {"class": looks + state, "autofocus": first}
        return super().build_widget_attrs(attrs | more, widget)


class ServiceForm(forms.Form):
    """Fields without rules of their own: a service has those, and its refusal becomes the fields' faults."""

    bound_field_class = PlainBoundField
    required_words: dict[str, str] = {}

    def typed(self, name: str) -> str:
        return str(self.data.get(name, ""))

    def after(self) -> int:
        """Return the row that was the newest one when the form was shown; none of them when unreadable."""
        text = self.typed("after")
        return int(text) if is_key(text) else 0

    def refuse(self, refused: BadFields) -> None:
        for name, fault in refused.faults.items():
            words = self.required_words.get(name) if fault.code == "required" else None
            self.add_error(name, ValidationError(words or fault.detail, code=fault.code))


class DecisionForm(ServiceForm):
    required_words = _REQUIRED
    verdict = forms.CharField(required=False)
    code = forms.CharField(
        label="Reason", required=False, widget=forms.Select(choices=[_NONE, *Decision.Code.choices])
    )
    note = forms.CharField(
        label="Note",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What you saw and the model did not. It stays beside the decision for whoever asks later.",
    )

    def said(self) -> dict[str, Any]:
        """Return what `decisions.decide` is told."""
        return {name: self.typed(name) for name in ("verdict", "code", "note")} | {"after": self.after()}


class NoticeForm(ServiceForm):
    text = forms.CharField(
        label="Text of the notice", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 32})
    )
