"""What to train on, and by which recipe."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from ml.tables.plausibility import CONFIRMABLE
from ml.training.recipe_titles import TITLES
from predictions.models import TrainingFile

MOST_MEGABYTES = 8
SELECT = {"class": "form-select"}


class TrainingForm(forms.Form):
    """A new file or a stored one, a recipe, and the columns whose unusual values are right."""

    SHOWN = ("upload", "stored", "recipe")

    upload = forms.FileField(
        required=False,
        label="Upload a CSV file",
        max_length=255,
        help_text=f"With Loan_ID, the eleven inputs and Loan_Status (Y or N); at most {MOST_MEGABYTES} MiB.",
        widget=forms.FileInput(attrs={"class": "form-control", "accept": ".csv,text/csv"}),
    )
    stored = forms.ModelChoiceField(
        TrainingFile.objects.all(),
        required=False,
        label="Or take a stored file",
        empty_label="No stored file",
        widget=forms.Select(attrs=SELECT),
    )
    recipe = forms.ChoiceField(choices=list(TITLES.items()), widget=forms.Select(attrs=SELECT))
    # Shown for the columns of a table that was refused, never ahead of that.
    confirm = forms.MultipleChoiceField(
        choices=[(column, column) for column in CONFIRMABLE],
        required=False,
        error_messages={"invalid_choice": "%(value)s is not a column that can be confirmed."},
    )

    @property
    def shown(self) -> list[forms.BoundField]:
        """The fields that every visitor sees."""
        return [self[name] for name in self.SHOWN]

    def clean_upload(self) -> UploadedFile | None:
        upload: UploadedFile | None = self.cleaned_data["upload"]
        if upload and (upload.size or 0) > MOST_MEGABYTES * 2**20:
            size = f"{(upload.size or 0) / 2**20:.1f} MiB"
            raise ValidationError(f"{upload.name} has {size}; at most {MOST_MEGABYTES} MiB are taken.")
        return upload

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        given = [name for name in ("upload", "stored") if cleaned.get(name)]
        if "upload" not in self.errors and "stored" not in self.errors and len(given) != 1:
            both = "Upload a file or choose a stored one, not both."
            raise ValidationError(both if given else "Upload a file or choose a stored one.")
        return cleaned
