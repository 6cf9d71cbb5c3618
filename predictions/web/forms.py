"""The officer's form, built from the feature table: the same rules as every other door."""

from collections.abc import Callable
from typing import Any

import msgspec
from django import forms
from django.core.exceptions import ValidationError

from ml.errors import InvalidValue
from ml.records import Record
from ml.schema import FEATURES, Feature, Group
from ml.values import from_text, loan_id_from_text
from predictions.rows import new_loan_id

UNKNOWN = ("", "Unknown")


class RuledField(forms.Field):
    """A field whose value is checked by a rule of `ml`; keeps the text as typed when it is refused."""

    def __init__(self, rule: Callable[[object], Any], **options: Any) -> None:
        super().__init__(required=False, **options)
        self.rule = rule

    def clean(self, value: Any) -> Any:
        try:
            return self.rule(value)
        except InvalidValue as error:
            raise ValidationError(error.detail, code=error.code) from None


class ApplicantForm(forms.Form):
    """One application, its fields grouped as an officer thinks."""

    loan_id = RuledField(
        loan_id_from_text,
        label="Loan ID",
        help_text="Leave empty to have one made. An ID you used before updates that application.",
        widget=forms.TextInput(attrs={"maxlength": 64, "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for feature in FEATURES:
            self.fields[feature.name] = _field(feature)

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the bound fields by group, in the officer's order."""
        fields = {
            group: [self[feature.name] for feature in FEATURES if feature.group is group] for group in Group
        }
        fields[Group.APPLICANT].insert(0, self["loan_id"])
        return [(str(group), members) for group, members in fields.items()]

    def first_error(self) -> str | None:
        """Return the name of the first field at fault, in the order of the page."""
        names = [field.name for _, members in self.groups() for field in members]
        return next((name for name in names if name in self.errors), None)

    def record(self) -> Any:
        """Return the checked values as a record; a Loan_ID is made when none was given."""
        record = Record(**self.cleaned_data)
        return record if record.loan_id else msgspec.structs.replace(record, loan_id=new_loan_id())


def _field(feature: Feature) -> RuledField:
    return RuledField(
        lambda value: from_text(feature, value),
        label=feature.label,
        help_text=feature.help,
        widget=_widget(feature),
    )


def _widget(feature: Feature) -> forms.Widget:
    required = {} if feature.optional else {"required": True}
    if not feature.choices:
        return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", **required})
    choices = [
        (f"{value:g}" if isinstance(value, float) else value, label) for value, label in feature.choices
    ]
    first = UNKNOWN if feature.optional else ("", "Choose")
    return forms.Select(choices=[first, *choices], attrs=required)
