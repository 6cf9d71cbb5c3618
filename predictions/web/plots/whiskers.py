"""Dots with intervals, line by line: rates by group, cost of protected columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from ml.applications.types import Value
from ml.figures import (
    describe_difference,
    mean_interval_text,
    metric_title,
    percent_text,
    rate_text,
    signed_interval_text,
    signed_text,
)
from ml.reports.report import TOO_FEW, group_words, metrics_in_order
from ml.schemas.features import Feature
from ml.schemas.schema import Schema
from predictions.web.plots.curves import Axis, Metric

ROW, ENDS = 48, 20  # heights in pixels of a line, and of the words at both ends of the scale


class GroupRates(TypedDict):
    """Rates of a group, which has at least one row. A rate is None if there are no rows to measure it on."""

    value: Value
    rows: int
    too_few: bool
    predicted_approval_rate: Mapping[str, float]
    observed_approval_rate: Mapping[str, float]
    true_positive_rate: Mapping[str, float | None]
    false_positive_rate: Mapping[str, float | None]
    accuracy: Mapping[str, float]


class ColumnRates(TypedDict):
    """Rates by group of a column. Difference and ratio compare the predicted approval rates."""

    groups: list[GroupRates]
    difference: float | None
    ratio: float | None


ProtectedCostFacts = TypedDict(
    "ProtectedCostFacts",
    {"columns": list[str], "with": Mapping[str, Metric], "difference": Mapping[str, Metric]},
)
"""Protected columns, and each metric with them and minus the metric without."""


@dataclass(frozen=True, slots=True)
class Whisker:
    """A dot with its interval; `beside` places a ring to compare with. Empty places are not drawn."""

    label: str
    text: str
    place: int
    at: str = ""
    low: str = ""
    high: str = ""
    beside: str = ""

    @property
    def text_y(self) -> int:
        return ROW * self.place + 16

    @property
    def y(self) -> int:
        return ROW * self.place + 30


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Cells of the table row of a group."""

    label: str
    rows: int
    cells: list[str]


class GroupColumn:
    """Rates of the groups of one column at a threshold of 50%."""

    def __init__(self, feature: Feature, rates: ColumnRates) -> None:
        self.column = feature.column
        self.label = feature.label
        self.protected = feature.protected
        self.difference = None if rates["difference"] is None else f"{100 * rates['difference']:.1f}"
        self.ratio = None if rates["ratio"] is None else f"{rates['ratio']:.2f}"
        labels = [feature.group_labels.get(g["value"], group_words(g["value"])) for g in rates["groups"]]
        groups = list(zip(labels, rates["groups"], strict=True))
        self.whiskers = [_group_whisker(place, *group) for place, group in enumerate(groups)]
        self.rows = [GroupRow(label, group["rows"], _rate_cells(group)) for label, group in groups]
        self.height = ROW * len(self.whiskers) + ENDS
        self.ends = ("0%", "100%")


def _group_whisker(place: int, label: str, group: GroupRates) -> Whisker:
    predicted = group["predicted_approval_rate"]
    if group["too_few"]:
        return Whisker(label, f"{TOO_FEW}: {group['rows']} rows", place)
    axis = Axis(0, 1, 0, 100, "%")
    at, low, high = (axis.at(predicted[end]) for end in ("value", "low", "high"))
    observed = axis.at(group["observed_approval_rate"]["value"])
    return Whisker(label, percent_text(predicted["value"]), place, at, low, high, observed)


def _rate_cells(group: GroupRates) -> list[str]:
    rates = (
        group["predicted_approval_rate"],
        group["observed_approval_rate"],
        group["true_positive_rate"],
        group["false_positive_rate"],
        group["accuracy"],
    )
    return [TOO_FEW if group["too_few"] else rate_text(rate) for rate in rates]


@dataclass(frozen=True, slots=True)
class CostRow:
    """A metric without and with the protected columns, and the meaning of the difference."""

    label: str
    without: str
    with_columns: str
    difference: str
    meaning: str


class ProtectedCost:
    """Difference that the protected columns would make to each metric."""

    def __init__(self, schema: Schema, cost: ProtectedCostFacts, own: Mapping[str, Metric]) -> None:
        self.columns = [schema.by_column[column].label for column in cost["columns"]]
        differences = dict(metrics_in_order(cost["difference"]))
        ends = [abs(difference[end]) for difference in differences.values() for end in ("low", "high")]
        limit = max(ends, default=0) or 1
        axis = Axis(-limit, limit, 0, 100, "%")
        self.zero = axis.at(0)
        self.whiskers = [
            _cost_whisker(place, name, difference, axis)
            for place, (name, difference) in enumerate(differences.items())
        ]
        self.height = ROW * len(self.whiskers) + ENDS
        self.ends = ("lower with them", "higher with them")
        self.rows = [
            CostRow(
                metric_title(name),
                mean_interval_text(own[name]),
                mean_interval_text(cost["with"][name]),
                signed_interval_text(difference),
                describe_difference(name, difference),
            )
            for name, difference in differences.items()
        ]


def _cost_whisker(place: int, name: str, difference: Metric, axis: Axis) -> Whisker:
    at, low, high = (axis.at(difference[end]) for end in ("mean", "low", "high"))
    return Whisker(metric_title(name), signed_text(difference["mean"], 4), place, at, low, high)
