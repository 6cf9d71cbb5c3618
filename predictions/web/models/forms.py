"""Forms for activating a version, for reading a date, and for requesting a training."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.template.defaultfilters import filesizeformat
from django.utils.datastructures import MultiValueDict
from django.utils.dateparse import parse_date, parse_datetime

from ml.schemas.schema import Schema
from ml.tables.plausibility import confirmable
from ml.training import RECIPE_TITLES, recipe_names
from predictions.live.schemas import newest_schema_of
from predictions.models import Product, TrainingFile
from predictions.web.forms import TABLE_FILES, RuledField
from predictions.web.models.switching import SwitchView
from predictions.words.times import as_utc, end_of, start_of
from predictions.words.written import checked_reason

INPUT_ATTRS = {"class": "form-control"}


def stripped_reason(text: object) -> str:
    """Return the reason without spaces around it. Raises `InvalidValue`."""
    return checked_reason(text.strip() if isinstance(text, str) else text)


class ActivationForm(forms.Form):
    """A reason and, if the gate does not pass the version, a checkbox to override it.

    Another checkbox confirms what a good outcome means, if nobody has confirmed it.
    """

    reason = RuledField(
        stripped_reason,
        label="Reason",
        widget=forms.TextInput(attrs=INPUT_ATTRS | {"autocomplete": "off"}),
        help_text="One line. The timeline shows it with your name.",
    )
    override = forms.BooleanField(required=False, label="Activate although the gate refuses it")

    confirm_means = forms.BooleanField(
        label="I confirm this meaning",
        error_messages={"required": "Confirm what a good outcome means, or do not activate this version."},
    )

    def __init__(self, data: QueryDict | None = None, *, switch: SwitchView) -> None:
        super().__init__(data)
        if switch.on_one_table:
            self.fields["reason"].label = "Reason to activate it after a comparison on one table"
        if not switch.can_override:
            del self.fields["override"]
        if switch.meaning.confirmed:
            del self.fields["confirm_means"]

    def wishes(self) -> dict[str, Any]:
        """Return the entries as arguments of `registry.activate`."""
        return dict(self.cleaned_data)


class InvalidMoment(ValueError):
    """A text is neither a date nor a date with a time."""


def read_span(text: str) -> tuple[datetime, datetime]:
    """Return start and end of a text in UTC, read in the time zone of the page.

    ``2026-03-03`` gives the start of that day and of the next day, ``2026-03-03T12:00`` that moment twice.
    """
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


def check_table_size(upload: UploadedFile) -> None:
    """Refuse a table of decided applications that is too large. A validator of file fields."""
    if (upload.size or 0) > MAX_MEGABYTES * 2**20:
        size = filesizeformat(upload.size or 0)
        raise ValidationError(f"{upload.name} has {size}. The limit is {MAX_MEGABYTES} MB.")


def upload_help(schema: Schema) -> str:
    """Say what a training file of a schema has."""
    target, count = schema.target, len(schema.columns)
    outcomes = " or ".join((*target.good, *target.bad))
    id_column = f"{schema.id_column}, " if schema.id_column else ""
    return (
        f"With {id_column}the {count} columns of an application, and {target.column} ({outcomes}); at most "
        f"{MAX_MEGABYTES} MB."
    )


class TrainingForm(forms.Form):
    """A training file (new or stored), a recipe, and the columns whose unusual values are confirmed."""

    SHOWN = ("upload", "stored", "recipe")

    upload = forms.FileField(
        required=False,
        label="Upload a CSV file or a workbook",
        max_length=255,
        validators=[check_table_size],
        widget=forms.FileInput(attrs={"class": "form-control", "accept": TABLE_FILES}),
    )
    stored = forms.ModelChoiceField(
        TrainingFile.objects.none(),
        required=False,
        label="Or use a stored file",
        empty_label="None",
        widget=forms.Select(attrs=SELECT_ATTRS),
    )
    recipe = forms.ChoiceField(choices=(), widget=forms.Select(attrs=SELECT_ATTRS))
    # Shown only after a file was refused, for the columns that look wrong.
    confirm = forms.MultipleChoiceField(
        required=False,
        error_messages={"invalid_choice": "%(value)s is not a column that can be confirmed."},
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile] | None = None,
        *,
        product: Product,
    ) -> None:
        super().__init__(data, files)
        schema = newest_schema_of(product.pk)
        recipes = [(name, RECIPE_TITLES[name]) for name in recipe_names(schema)]
        columns = [(column, column) for column in confirmable(schema)]
        self.fields["recipe"].choices = recipes  # type: ignore[attr-defined] # of a ChoiceField
        self.fields["confirm"].choices = columns  # type: ignore[attr-defined] # of a MultipleChoiceField
        self.fields["upload"].help_text = upload_help(schema)
        stored = TrainingFile.objects.of_product(product)
        self.fields["stored"].queryset = stored  # type: ignore[attr-defined] # of a ModelChoiceField

    @property
    def shown(self) -> list[forms.BoundField]:
        """The fields that the page always shows."""
        return [self[name] for name in self.SHOWN]

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        files = [name for name in ("upload", "stored") if cleaned.get(name)]
        if "upload" not in self.errors and "stored" not in self.errors and len(files) != 1:
            both = "Upload a file or choose a stored file, not both."
            raise ValidationError(both if files else "Upload a file or choose a stored file.")
        return cleaned
