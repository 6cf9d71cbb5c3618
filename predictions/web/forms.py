"""The officer's form, built from the feature table: the same rules as every other door."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
from django import forms
from django.core.exceptions import ValidationError

from ml.applications.records import ApplicationRecord
from ml.applications.schema import FEATURES, Feature, Group
from ml.applications.values import from_text, loan_id_from_text
from ml.errors import InvalidValue
from predictions.errors import InvalidFields
from predictions.models import Prediction
from predictions.services.writing.bodies import new_loan_id

UNKNOWN_LABEL = "Unknown"


class MarkedBoundField(forms.BoundField):
    """A field that looks as it stands: at fault, and first of those, so that the cursor is there."""

    def build_widget_attrs(self, attrs: Any, widget: forms.Widget | None = None) -> Any:
        attrs = super().build_widget_attrs(attrs, widget)
        looks = "form-select" if isinstance(self.field.widget, forms.Select) else "form-control"
        attrs["class"] = f"{looks} is-invalid" if self.errors else looks
        attrs["autofocus"] = self.name == self.form.first_error()  # type: ignore[attr-defined] # each has one
        return attrs


class RuledField(forms.Field):
    """A field whose value is checked by a rule of `ml`; keeps the text as typed when it is refused."""

    def __init__(self, rule: Callable[[object], Any], *, unit: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.rule = rule
        self.unit = unit

    def clean(self, value: Any) -> Any:
        try:
            return self.rule(value)
        except InvalidValue as error:
            raise ValidationError(error.detail, code=error.code) from None


class RefusableForm(forms.Form):
    """A form of which a service refuses some values, each by its field."""

    bound_field_class = MarkedBoundField
    required_words: dict[str, str] = {}  # in place of the service's, which are for programs

    def refuse(self, refused: InvalidFields) -> None:
        """Show each fault by its field."""
        for name, fault in refused.faults.items():
            words = self.required_words.get(name) if fault.code == "required" else None
            self.add_error(name, ValidationError(words or fault.detail, code=fault.code))

    def first_error(self) -> str | None:
        """Return the name of the first field at fault."""
        return next((name for name in self.fields if name in self.errors), None)


class FeatureForm(forms.Form):
    """Some features, grouped as an officer thinks."""

    bound_field_class = MarkedBoundField
    features: tuple[Feature, ...] = FEATURES

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for feature in self.features:
            self.fields[feature.name] = _field(feature)

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the bound fields by group, in the officer's order."""
        return [
            (str(group), [self[feature.name] for feature in self.features if feature.group is group])
            for group in Group
        ]

    def at_fault(self) -> list[forms.BoundField]:
        """Return the refused fields in the order of the page."""
        return [field for _, members in self.groups() for field in members if field.name in self.errors]

    def first_error(self) -> str | None:
        """Return the name of the first field at fault."""
        return next((field.name for field in self.at_fault()), None)


class ApplicantForm(FeatureForm):
    """One application."""

    # No maxlength: a browser would cut a pasted ID short without a word.
    loan_id = RuledField(
        loan_id_from_text,
        label="Loan ID",
        required=False,
        help_text="Leave empty to have one made. An ID you used before updates that application.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the bound fields by group, the Loan_ID first."""
        (title, members), *others = super().groups()
        return [(title, [self["loan_id"], *members]), *others]

    def record(self) -> Any:
        """Return the checked values as a record; a Loan_ID is made when none was given."""
        record = ApplicationRecord(**self.cleaned_data)
        return record if record.loan_id else msgspec.structs.replace(record, loan_id=new_loan_id())


def form_entries(prediction: Prediction) -> dict[str, str]:
    """Return what an officer would enter to get this prediction's inputs."""
    entries = {feature.name: _entry(prediction.inputs[feature.column]) for feature in FEATURES}
    return entries | {"loan_id": prediction.loan_id}


def _entry(value: Any) -> str:
    """Write a value as its field takes it: plain decimals, nothing for a gap."""
    if isinstance(value, float | int):
        return f"{Decimal(repr(value)).normalize():f}"
    return value or ""


def _field(feature: Feature) -> RuledField:
    return RuledField(
        lambda value: from_text(feature, value),
        unit=feature.unit,
        label=feature.label,
        required=not feature.optional,
        help_text=_help(feature),
        widget=_choice(feature) if feature.choices else _number(feature),
    )


def _help(feature: Feature) -> str:
    if feature.choices or not feature.optional:
        return feature.help
    return f"{feature.help} Leave empty when unknown."


def _number(feature: Feature) -> forms.Widget:
    attrs = {"inputmode": "decimal", "autocomplete": "off"}
    return forms.TextInput(attrs=attrs | {"placeholder": UNKNOWN_LABEL} if feature.optional else attrs)


def _choice(feature: Feature) -> forms.Widget:
    nothing = ("", UNKNOWN_LABEL if feature.optional else "Choose")
    return forms.Select(choices=[nothing, *((_entry(value), label) for value, label in feature.choices)])
