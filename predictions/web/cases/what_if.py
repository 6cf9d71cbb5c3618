"""What-if on a case's page: the form and the results of the case and of the changed values, side by side."""

from dataclasses import dataclass

from django import forms
from django.http import QueryDict

from ml.applications.types import Value
from ml.figures import signed_text
from ml.schemas.features import Feature
from predictions.models import Prediction
from predictions.services.cases.what_if import Trial, try_values
from predictions.web.cases.parts import Scale, columns_read
from predictions.web.cases.reasons import reason_changes
from predictions.web.forms import FeatureForm, MarkedBoundField, form_entries
from predictions.words.policies import ADVICE


class WhatIfBoundField(MarkedBoundField):
    """A field with the value of the case. `is_read` is True if the model of the case reads it."""

    form: "WhatIfForm"

    @property
    def feature(self) -> Feature:
        return next(feature for feature in self.form.features if feature.name == self.name)

    @property
    def case_value(self) -> str:
        value = self.form.prediction.inputs[self.feature.column]
        return "unknown" if value is None else self.feature.value_words(value)

    @property
    def is_read(self) -> bool:
        return self.feature.column in self.form.read

    def build_widget_attrs(
        self, attrs: dict[str, str | bool], widget: forms.Widget | None = None
    ) -> dict[str, str | bool]:
        """Describe the field by the elements of its error and of the case's value, which are always there."""
        described = {"aria-describedby": f"{self.auto_id}_error {self.auto_id}_case"}
        return super().build_widget_attrs(attrs, widget) | described


class WhatIfForm(FeatureForm):
    """A form for other values of a case, filled with the values of the case."""

    bound_field_class = WhatIfBoundField

    def __init__(self, prediction: Prediction, data: QueryDict | None = None) -> None:
        self.prediction = prediction
        self.read = columns_read(prediction)
        schema = prediction.schema
        unprotected = [feature for feature in schema.features if not feature.protected]
        super().__init__(unprotected, data, initial=form_entries(schema, prediction), auto_id="what_if_%s")

    def in_order(self) -> list[forms.BoundField]:
        """Return the bound fields. Those that the model of the case reads come first."""
        read_first = sorted(self.features, key=lambda feature: feature.column not in self.read)
        return [self[feature.name] for feature in read_first]

    def values(self) -> dict[str, Value]:
        """Return the checked values by column."""
        return {feature.column: self.cleaned_data[feature.name] for feature in self.features}


class TrialView:
    """The result of changed values, the result of the case, and the difference."""

    def __init__(self, prediction: Prediction, trial: Trial) -> None:
        before = prediction.approval_probability
        self.scale = Scale(trial.probability, prediction.policy, trial.outcome, was=before)
        self.outcome, self.advice_before = trial.outcome, ADVICE[prediction.outcome]
        self.causes = [cause["text"] for cause in trial.causes]
        self.points = signed_text(100 * (trial.probability - before), digits=1)
        self.has_reasons = bool(trial.explanation.reasons) and bool(prediction.reasons)
        self.changes = reason_changes(prediction.reasons, trial.explanation.reasons)
        self.log_odds_before, self.log_odds = signed_text(prediction.log_odds), signed_text(trial.log_odds)
        self.log_odds_difference = signed_text(trial.log_odds - prediction.log_odds)

    @property
    def spoken_summary(self) -> str:
        """The result in one sentence, for screen readers."""
        return " ".join([f"Probability {self.scale.probability.label}%, {self.scale.advice}.", *self.causes])


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The form and, if its values are valid, their result."""

    form: WhatIfForm
    trial: TrialView | None = None

    @classmethod
    def of(cls, prediction: Prediction, data: QueryDict | None) -> "WhatIf":
        """Try the entered values, if there are any. Raises `ModelUnreadable`."""
        form = WhatIfForm(prediction, data)
        if not form.is_valid():
            return cls(form)
        return cls(form, TrialView(prediction, try_values(prediction=prediction, values=form.values())))

    @property
    def spoken_summary(self) -> str:
        """The result, or the refusal of the values, in one sentence for screen readers."""
        if self.refused:
            return "Correct the marked field. The result below is of the previous values."
        return self.trial.spoken_summary if self.trial else ""

    @property
    def refused(self) -> bool:
        return self.form.is_bound and self.trial is None
