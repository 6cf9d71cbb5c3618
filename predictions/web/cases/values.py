"""Values of an application on pages: how they differ, and the form that changes them in place."""

from collections.abc import Iterator, Mapping

from django import forms

from ml.applications.types import ApplicationValues, Value
from ml.schemas.features import Feature
from ml.schemas.schema import Schema
from predictions.errors import InvalidFields
from predictions.live.active_model import schema_in_use
from predictions.models import Prediction
from predictions.models.querysets import AnyUser
from predictions.roles import SEE_ALL
from predictions.web.cases.decisions import DecisionDesk
from predictions.web.cases.parts import MissingValue, missing_values_of
from predictions.web.forms import FeatureForm, form_entries
from predictions.web.posting import new_token


def value_changes(schema: Schema, before: ApplicationValues, after: ApplicationValues) -> Iterator[str]:
    """Yield a sentence for each value of the schema that differs, such as "Loan amount: 110 → 90"."""
    for feature in schema.features:
        old, new = before.get(feature.column), after.get(feature.column)
        if old != new:
            yield f"{feature.label}: {value_text(feature, old)} → {value_text(feature, new)}"


def value_text(feature: Feature, value: Value) -> str:
    return "unknown" if value is None else feature.value_words(value)


class ValuesForm(FeatureForm):
    """All values of an application, and why some of them are changed."""

    def __init__(self, schema: Schema, data: Mapping[str, str] | None = None, **options: object) -> None:
        super().__init__(schema.features, data, auto_id="value_%s", **options)  # type: ignore[arg-type]
        self.schema = schema
        self.fields["why"] = forms.CharField(
            label="Why",
            required=False,
            strip=False,
            help_text="For colleagues, such as: as the payslip says.",
        )

    def values_by_column(self) -> dict[str, Value]:
        return {feature.column: self.cleaned_data[feature.name] for feature in self.features}

    def add_refusal(self, refused: InvalidFields) -> None:
        """Show the errors of the service, each by its field or above the form."""
        names = {feature.column: feature.name for feature in self.features}
        for column, fault in refused.faults.items():
            name = names.get(column, column)
            self.add_error(name if name in self.fields else None, fault.detail)


class ValuesDesk:
    """The part of a case's page where values are filled in and corrected.

    `gaps` are the fields of missing values that could decide the case, with what to ask for.
    """

    def __init__(
        self, desk: DecisionDesk, prediction: Prediction, user: AnyUser, form: ValuesForm | None
    ) -> None:
        works_on_it = desk.mine or prediction.owner_id == user.pk or user.has_perm(SEE_ALL)
        self.may_change = desk.may_decide and desk.open and works_on_it
        self.form = form or _form_of(prediction)
        self.token = new_token()
        self._settling = [missing for missing in missing_values_of(prediction) if missing.document]

    @property
    def gaps(self) -> list[tuple[forms.BoundField, MissingValue]]:
        by_column = self.form.schema.by_column
        asked = [missing for missing in self._settling if missing.column in by_column]
        return [(self.form[by_column[missing.column].name], missing) for missing in asked]

    @property
    def other_groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields of all other values, by group."""
        shown = {field.name for field, _ in self.gaps}
        groups = [(title, [f for f in fields if f.name not in shown]) for title, fields in self.form.groups()]
        return [(title, fields) for title, fields in groups if fields]


def _form_of(prediction: Prediction) -> ValuesForm:
    """Return the form in the active model's schema with the values of a prediction."""
    schema = schema_in_use(prediction.product_key)
    return ValuesForm(schema, initial=form_entries(schema, prediction))
