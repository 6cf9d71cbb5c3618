"""Forms that use the rules of `ml` and of the services, and the form that scores an application."""

from collections.abc import Callable, Iterable, Mapping

import msgspec
from django import forms
from django.core.exceptions import ValidationError

from ml.applications.records import record_kind
from ml.applications.spellings import loan_id_from_text
from ml.applications.types import Record
from ml.errors import InvalidValue
from ml.schemas.features import Feature, label_of
from ml.schemas.schema import Schema
from predictions.errors import InvalidFields
from predictions.models import Prediction
from predictions.services.writing.bodies import new_loan_id
from predictions.web.entries import entry_of, read_entry
from predictions.web.posting import FORM_TOKEN

UNKNOWN_LABEL = "Unknown"
FORM_SCHEMA = "form_schema"  # the digest of the schema of which the form is
NEWEST_SEEN = "newest_seen"  # the newest prediction of the application that the page showed
HIDDEN_FIELDS = frozenset({FORM_TOKEN, FORM_SCHEMA, NEWEST_SEEN, "csrfmiddlewaretoken"})
TABLE_FILES = ".csv,.tsv,.txt,.xlsx,.xls,.ods,text/csv"  # that a file field offers
LONG_LABEL = 26  # characters of a choice that half of a row cannot show


def said_id(name: str) -> str:
    """Return the id of the element that tells how the entry of a field is read."""
    return f"id_{name}_said"


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

    After a refusal the field shows the text that was entered. A long field has a row of its own.
    """

    def __init__(
        self,
        rule: Callable[[object], object],
        *,
        label: str,
        required: bool = True,
        help_text: str = "",
        unit: str = "",
        is_long: bool = False,
        widget: forms.Widget | None = None,
    ) -> None:
        super().__init__(label=label, required=required, help_text=help_text, widget=widget)
        self.rule = rule
        self.unit = unit
        self.is_long = is_long

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
        """Add the errors of a service to their fields; of what has no field, to the form."""
        for name, fault in refused.faults.items():
            required = self.required_words.get(name) if fault.code == "required" else None
            field = name if name in self.fields else None
            self.add_error(field, ValidationError(required or fault.detail, code=fault.code))

    def first_error(self) -> str | None:
        """Return the name of the first invalid field."""
        return next((name for name in self.fields if name in self.errors), None)


class FeatureForm(forms.Form):
    """A form with a field for each of `features`, group by group in the order of their first columns."""

    bound_field_class = MarkedBoundField

    def __init__(
        self,
        features: Iterable[Feature],
        data: Mapping[str, str] | None = None,
        *,
        initial: dict[str, str] | None = None,
        auto_id: str = "id_%s",
    ) -> None:
        super().__init__(data, initial=initial, auto_id=auto_id)
        self.features = tuple(features)
        self._by_group: dict[str, list[Feature]] = {}
        for feature in self.features:
            self._by_group.setdefault(feature.group, []).append(feature)
        for members in self._by_group.values():
            self.fields |= {feature.name: _field(feature) for feature in members}

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return each group's title and bound fields, in the order of the page."""
        return [
            (title, [self[feature.name] for feature in members]) for title, members in self._by_group.items()
        ]

    def invalid_fields(self) -> list[forms.BoundField]:
        """Return the invalid fields in the order of the page."""
        return [self[name] for name in self.fields if name in self.errors]

    def first_error(self) -> str | None:
        """Return the name of the first invalid field."""
        return next((field.name for field in self.invalid_fields()), None)


class ApplicantBoundField(MarkedBoundField):
    """A field of the form of an application. The first one takes the focus when the form opens.

    The element `said` tells its fault and, while one types, how its text is read.
    """

    form: "ApplicantForm"

    @property
    def said(self) -> str:
        return said_id(self.name)

    @property
    def aria_describedby(self) -> str:
        help_id = [f"{self.auto_id}_helptext"] if self.help_text else []
        return " ".join([*help_id, self.said])

    def build_widget_attrs(
        self, attrs: dict[str, str | bool], widget: forms.Widget | None = None
    ) -> dict[str, str | bool]:
        attrs = super().build_widget_attrs(attrs, widget)
        if not self.form.is_bound:
            attrs["autofocus"] = self.name == self.form.first_shown()
        return attrs


class ApplicantForm(FeatureForm):
    """The form of an application: its Loan ID and all features of the schema.

    If the schema's IDs are made, the Loan ID is hidden: only scoring an application again gives one.
    """

    bound_field_class = ApplicantBoundField

    # No maxlength: a browser would cut a long pasted ID without a warning.
    loan_id = RuledField(
        loan_id_from_text,
        label="Loan ID",
        required=False,
        help_text="Leave empty to create one. If you have an application of this ID, it is shown first.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self, schema: Schema, data: Mapping[str, str] | None = None, *, initial: dict[str, str] | None = None
    ) -> None:
        super().__init__(schema.features, data, initial=initial)
        self.schema = schema
        if schema.id_column is None:
            self.fields["loan_id"].widget = forms.HiddenInput()

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the groups; the first one starts with the Loan ID."""
        (title, members), *others = super().groups()
        return [(title, [self["loan_id"], *members]), *others] if self.schema.id_column else super().groups()

    def first_shown(self) -> str:
        """Return the name of the first field of the page."""
        return self.groups()[0][1][0].name

    def sides(self) -> list[list[tuple[str, list[forms.BoundField]]]]:
        """Return the groups of the left and of the right half of the page."""
        groups = self.groups()
        middle = (len(groups) + 1) // 2
        return [groups[:middle], groups[middle:]]

    def entries_without_field(self) -> list[tuple[str, str]]:
        """Return labels and texts of what was entered into fields that the form does not have any more."""
        names = [name for name in self.data if name not in self.fields and name not in HIDDEN_FIELDS]
        return [(label_of(name), text) for name in names if (text := self.data[name].strip())]

    def record(self) -> Record:
        """Return the checked values as a record, with a new Loan_ID if none was entered."""
        record = record_kind(self.schema).record_type(**self.cleaned_data)
        return record if record.loan_id else msgspec.structs.replace(record, loan_id=new_loan_id())


def form_entries(schema: Schema, prediction: Prediction) -> dict[str, str]:
    """Return the entries that give the inputs of `prediction` in a form of `schema`, its own or another."""
    values = prediction.inputs
    kept = [feature for feature in schema.features if feature.column in values]
    return {f.name: entry_of(f, values[f.column]) for f in kept} | {"loan_id": prediction.loan_id}


def _field(feature: Feature) -> RuledField:
    return RuledField(
        lambda value: read_entry(feature, value),
        unit="" if feature.choices else feature.unit,
        label=feature.label,
        required=not feature.optional,
        help_text=_help(feature),
        is_long=any(len(label) > LONG_LABEL for _, label in feature.choices),
        widget=_choice(feature) if feature.choices else _number(feature),
    )


def _help(feature: Feature) -> str:
    codes = ", ".join(f"{number:g} for {words}" for number, words in feature.special)
    sentences = [feature.help, f"Codes: {codes}." if codes else ""]
    if any(sentences) and feature.optional and not feature.choices:
        sentences.append("Leave empty if unknown.")
    return " ".join(filter(None, sentences))


def _number(feature: Feature) -> forms.Widget:
    attrs = {"inputmode": "decimal", "autocomplete": "off"}
    return forms.TextInput(attrs=attrs | {"placeholder": UNKNOWN_LABEL} if feature.optional else attrs)


def _choice(feature: Feature) -> forms.Widget:
    nothing = ("", UNKNOWN_LABEL if feature.optional else "Choose")
    values = [(entry_of(feature, value), label) for value, label in feature.choices]
    return forms.Select(choices=[nothing, *values])
