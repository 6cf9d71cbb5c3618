"""The what-if form: every value that is not protected, by the rules of the officer's form."""

from typing import Any

from django import forms

from ml.applications.schema import FEATURES, Feature
from predictions.models import Prediction
from predictions.web.forms import FeatureForm, MarkedBoundField, entries_of


class WhatIfBoundField(MarkedBoundField):
    """A field that knows what the case has, and whether its model reads it."""

    form: "WhatIfForm"

    @property
    def feature(self) -> Feature:
        return next(feature for feature in self.form.features if feature.name == self.name)

    @property
    def of_case(self) -> str:
        value = self.form.prediction.inputs[self.feature.column]
        return "unknown" if value is None else self.feature.words(value)

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
        super().__init__(data, initial=entries_of(prediction), auto_id="what_if_%s")

    def in_order(self) -> list[forms.BoundField]:
        """Return the fields, those first that the model of the case reads."""
        read_first = sorted(self.features, key=lambda feature: feature.column not in self.read)
        return [self[feature.name] for feature in read_first]

    def values(self) -> dict[str, Any]:
        """Return the checked values by column."""
        return {feature.column: self.cleaned_data[feature.name] for feature in self.features}
