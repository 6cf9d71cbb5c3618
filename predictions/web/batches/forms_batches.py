"""The form that takes a file of applications; what the file holds is checked by the services."""

from typing import Self

from django import forms

from predictions.web.forms import RefusableForm


class BatchForm(RefusableForm):
    file = forms.FileField(
        label="CSV file",
        max_length=255,
        error_messages={"required": "Choose a file."},
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def at_fault(self) -> list[forms.BoundField]:
        return [self["file"]] if self.errors else []

    @classmethod
    def refused(cls, words: str) -> Self:
        """Return the form after a refusal; no page can choose the same file again for its user."""
        form = cls({})
        form.errors["file"] = form.error_class([words])
        return form
