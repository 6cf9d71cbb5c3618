"""What-if as the case page shows it: the form and, once values were tried, both results beside each other."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from ml.applications.schema import FEATURES, Feature
from ml.figures import signed_text
from predictions.models import Prediction
from predictions.services.cases.what_if import Trial, try_values
from predictions.web.cases.parts import Scale
from predictions.web.cases.reasons import reason_changes
from predictions.web.forms import FeatureForm, MarkedBoundField, form_entries
from predictions.web.presentation import ADVICE


class WhatIfBoundField(MarkedBoundField):
    """A field that knows what the case has, and whether its model reads it."""

    form: "WhatIfForm"

    @property
    def feature(self) -> Feature:
        return next(feature for feature in self.form.features if feature.name == self.name)

    @property
    def case_value(self) -> str:
        value = self.form.prediction.inputs[self.feature.column]
        return "unknown" if value is None else self.feature.value_text(value)

    @property
    def is_read(self) -> bool:
        return self.feature.column in self.form.read

    def build_widget_attrs(self, attrs: Any, widget: forms.Widget | None = None) -> Any:
        """Name the places where its fault and its value of the case stand; both are always there."""
        described = {"aria-describedby": f"{self.auto_id}_error {self.auto_id}_case"}
        return super().build_widget_attrs(attrs, widget) | described


class WhatIfForm(FeatureForm):
    """Other values for a case, filled with its own ones."""

    bound_field_class = WhatIfBoundField
    features = tuple(feature for feature in FEATURES if not feature.protected)

    def __init__(self, prediction: Prediction, data: Any = None) -> None:
        self.prediction = prediction
        self.read = prediction.model_version.columns
        super().__init__(data, initial=form_entries(prediction), auto_id="what_if_%s")

    def in_order(self) -> list[forms.BoundField]:
        """Return the fields, those first that the model of the case reads."""
        read_first = sorted(self.features, key=lambda feature: feature.column not in self.read)
        return [self[feature.name] for feature in read_first]

    def values(self) -> dict[str, Any]:
        """Return the checked values by column."""
        return {feature.column: self.cleaned_data[feature.name] for feature in self.features}


class TrialView:
    """A trial beside its case: old, new and the difference."""

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
        """What a screen reader says of it."""
        return " ".join([f"Probability {self.scale.probability.label}%, {self.scale.advice}.", *self.causes])


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The form, and the trial of its values if they could be tried."""

    form: WhatIfForm
    trial: TrialView | None = None

    @classmethod
    def of(cls, prediction: Prediction, data: QueryDict | None) -> "WhatIf":
        """Try what was entered, if anything was. Raises `ModelUnreadable`."""
        form = WhatIfForm(prediction, data)
        if not form.is_valid():
            return cls(form)
        return cls(form, TrialView(prediction, try_values(prediction=prediction, values=form.values())))

    @property
    def spoken_summary(self) -> str:
        """Return what a screen reader says; also what stands above an answer to earlier values."""
        if self.refused:
            return "Correct the marked field. The result below is of the previous values."
        return self.trial.spoken_summary if self.trial else ""

    @property
    def refused(self) -> bool:
        return self.form.is_bound and self.trial is None
