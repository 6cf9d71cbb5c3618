"""Forms of the model room: activating a version, and asking which one was live."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.dateparse import parse_date, parse_datetime

from ml.tables.plausibility import CONFIRMABLE
from ml.training import RECIPE_TITLES
from predictions.models import TrainingFile
from predictions.web.forms import RuledField
from predictions.words.times import as_utc, end_of, start_of
from predictions.words.written import checked_reason

INPUT_ATTRS = {"class": "form-control"}


def stripped_reason(text: object) -> str:
    return checked_reason(text.strip() if isinstance(text, str) else text)


class ActivationForm(forms.Form):
    """A reason; and, where the gate does not let the version through, the wish to do it all the same."""

    reason = RuledField(
        stripped_reason,
        label="Reason",
        widget=forms.TextInput(attrs=INPUT_ATTRS | {"autocomplete": "off"}),
        help_text="One line. It stands in the timeline beside your name, for whoever asks later.",
    )
    override = forms.BooleanField(required=False, label="Activate anyway, against the gate")

    def __init__(self, *args: Any, overridable: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.overridable = overridable
        if not overridable:
            del self.fields["override"]


class InvalidMoment(ValueError):
    """Neither a date nor a date with a time."""


def read_span(text: str) -> tuple[datetime, datetime]:
    """Read ``2026-03-03`` as that whole day, ``2026-03-03T12:00`` as that moment, in the page's time zone."""
    try:
        moment = None if len(text) == 10 else parse_datetime(text)
        if moment:
            return as_utc(moment), as_utc(moment)
        day = parse_date(text)
        if day:
            return start_of(day), end_of(day)
    except (ValueError, OverflowError):
        pass
    raise InvalidMoment(f"'{text[:40]}' is not a date such as 2026-03-03 or 2026-03-03T12:00.")


MAX_MEGABYTES = 8
SELECT_ATTRS = {"class": "form-select"}


class TrainingForm(forms.Form):
    """A new file or a stored one, a recipe, and the columns whose unusual values are right."""

    SHOWN = ("upload", "stored", "recipe")

    upload = forms.FileField(
        required=False,
        label="Upload a CSV file",
        max_length=255,
        help_text=f"With Loan_ID, the eleven inputs and Loan_Status (Y or N); at most {MAX_MEGABYTES} MiB.",
        widget=forms.FileInput(attrs={"class": "form-control", "accept": ".csv,text/csv"}),
    )
    stored = forms.ModelChoiceField(
        TrainingFile.objects.all(),
        required=False,
        label="Or take a stored file",
        empty_label="No stored file",
        widget=forms.Select(attrs=SELECT_ATTRS),
    )
    recipe = forms.ChoiceField(choices=list(RECIPE_TITLES.items()), widget=forms.Select(attrs=SELECT_ATTRS))
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
        if upload and (upload.size or 0) > MAX_MEGABYTES * 2**20:
            size = f"{(upload.size or 0) / 2**20:.1f} MiB"
            raise ValidationError(f"{upload.name} has {size}; at most {MAX_MEGABYTES} MiB are taken.")
        return upload

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        given = [name for name in ("upload", "stored") if cleaned.get(name)]
        if "upload" not in self.errors and "stored" not in self.errors and len(given) != 1:
            both = "Upload a file or choose a stored one, not both."
            raise ValidationError(both if given else "Upload a file or choose a stored one.")
        return cleaned
