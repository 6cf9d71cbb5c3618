"""Forms that use the rules of `ml` and of the services, and the form that scores an application."""

from collections.abc import Callable, Mapping
from decimal import Decimal

import msgspec
from django import forms
from django.core.exceptions import ValidationError

from ml.applications.records import ApplicationRecord
from ml.applications.schema import FEATURES, Feature, Group
from ml.applications.types import Record, Value
from ml.applications.values import from_text, loan_id_from_text
from ml.errors import InvalidValue
from predictions.errors import InvalidFields
from predictions.models import Prediction
from predictions.services.writing.bodies import new_loan_id

UNKNOWN_LABEL = "Unknown"


class MarkedBoundField(forms.BoundField):
    """A field that is marked if it is invalid. The first invalid field of a form takes the focus."""

    def build_widget_attrs(
        self, attrs: dict[str, str | bool], widget: forms.Widget | None = None
    ) -> dict[str, str | bool]:
        attrs = super().build_widget_attrs(attrs, widget)
        css_class = "form-select" if isinstance(self.field.widget, forms.Select) else "form-control"
        attrs["class"] = f"{css_class} is-invalid" if self.errors else css_class
        attrs["autofocus"] = self.name == self.form.first_error()  # type: ignore[attr-defined] # every form here has it
        return attrs


class RuledField(forms.Field):
    """A field that `rule` checks: a function that returns the value or raises `InvalidValue`.

    After a refusal the field shows the text that was entered.
    """

    def __init__(
        self,
        rule: Callable[[object], object],
        *,
        label: str,
        required: bool = True,
        help_text: str = "",
        unit: str = "",
        widget: forms.Widget | None = None,
    ) -> None:
        super().__init__(label=label, required=required, help_text=help_text, widget=widget)
        self.rule = rule
        self.unit = unit

    def clean(self, value: object) -> object:
        try:
            return self.rule(value)
        except InvalidValue as error:
            raise ValidationError(error.detail, code=error.code) from None


class RefusableForm(forms.Form):
    """A form that also shows the errors of a service, each by its field."""

    bound_field_class = MarkedBoundField
    required_words: dict[str, str] = {}  # by field, instead of the service's messages for programs

    def add_errors(self, refused: InvalidFields) -> None:
        """Add the errors of a service to their fields."""
        for name, fault in refused.faults.items():
            required = self.required_words.get(name) if fault.code == "required" else None
            self.add_error(name, ValidationError(required or fault.detail, code=fault.code))

    def first_error(self) -> str | None:
        """Return the name of the first invalid field."""
        return next((name for name in self.fields if name in self.errors), None)


class FeatureForm(forms.Form):
    """A form with a field for each of `features`, in the groups of an application."""

    bound_field_class = MarkedBoundField
    features: tuple[Feature, ...] = FEATURES

    def __init__(
        self,
        data: Mapping[str, str] | None = None,
        *,
        initial: dict[str, str] | None = None,
        auto_id: str = "id_%s",
    ) -> None:
        super().__init__(data, initial=initial, auto_id=auto_id)
        for feature in self.features:
            self.fields[feature.name] = _field(feature)

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return each group's title and bound fields, in the order of the page."""
        return [
            (str(group), [self[feature.name] for feature in self.features if feature.group is group])
            for group in Group
        ]

    def invalid_fields(self) -> list[forms.BoundField]:
        """Return the invalid fields in the order of the page."""
        return [field for _, members in self.groups() for field in members if field.name in self.errors]

    def first_error(self) -> str | None:
        """Return the name of the first invalid field."""
        return next((field.name for field in self.invalid_fields()), None)


class ApplicantForm(FeatureForm):
    """The form of an application: its Loan ID and all features."""

    # No maxlength: a browser would cut a long pasted ID without a warning.
    loan_id = RuledField(
        loan_id_from_text,
        label="Loan ID",
        required=False,
        help_text="Leave empty to create one. An existing ID scores that application again.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the groups; the first one starts with the Loan ID."""
        (title, members), *others = super().groups()
        return [(title, [self["loan_id"], *members]), *others]

    def record(self) -> Record:
        """Return the checked values as a record, with a new Loan_ID if none was entered."""
        record = ApplicationRecord(**self.cleaned_data)
        return record if record.loan_id else msgspec.structs.replace(record, loan_id=new_loan_id())


def form_entries(prediction: Prediction) -> dict[str, str]:
    """Return the entries of an `ApplicantForm` that give the inputs of `prediction`."""
    entries = {feature.name: _entry(prediction.inputs[feature.column]) for feature in FEATURES}
    return entries | {"loan_id": prediction.loan_id}


def _entry(value: Value) -> str:
    """Write a value as it is entered: a plain decimal, or nothing for a missing value."""
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
    return f"{feature.help} Leave empty if unknown."


def _number(feature: Feature) -> forms.Widget:
    attrs = {"inputmode": "decimal", "autocomplete": "off"}
    return forms.TextInput(attrs=attrs | {"placeholder": UNKNOWN_LABEL} if feature.optional else attrs)


def _choice(feature: Feature) -> forms.Widget:
    nothing = ("", UNKNOWN_LABEL if feature.optional else "Choose")
    return forms.Select(choices=[nothing, *((_entry(value), label) for value, label in feature.choices)])
