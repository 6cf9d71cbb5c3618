"""Figures as dots with their intervals, line by line: groups of applicants, cost of protected columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ml.applications.schema import BY_COLUMN
from ml.figures import (
    describe_difference,
    mean_interval_text,
    metric_title,
    percent_text,
    rate_text,
    signed_interval_text,
    signed_text,
)
from ml.reports.report import NOT_GIVEN, TOO_FEW, metrics_in_order
from predictions.web.plots.curves import Axis

ROW, ENDS = 48, 20  # pixels of a line, and of the words at both ends of the scale
RATE_FIELDS = (
    "predicted_approval_rate", "observed_approval_rate", "true_positive_rate", "false_positive_rate",
    "accuracy",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Whisker:
    """A dot with its interval; `beside` is a second figure to compare with. Without places none is drawn."""

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

    @property
    def square_y(self) -> int:
        return self.y - 5


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Cells of a group's row of the table."""

    label: str
    rows: int
    cells: list[str]


class GroupColumn:
    """How the groups of one column fare at the cut-off."""

    def __init__(self, column: str, found: Mapping[str, Any]) -> None:
        self.column = column
        self.label = BY_COLUMN[column].label
        self.protected = BY_COLUMN[column].protected
        self.difference = None if found["difference"] is None else f"{100 * found['difference']:.1f}"
        self.ratio = None if found["ratio"] is None else f"{found['ratio']:.2f}"
        self.whiskers = [_group_whisker(place, group) for place, group in enumerate(found["groups"])]
        self.rows = [
            GroupRow(group["value"] or NOT_GIVEN, group["rows"], _rate_cells(group))
            for group in found["groups"]
        ]
        self.height = ROW * len(self.whiskers) + ENDS
        self.ends = ("0%", "100%")


def _group_whisker(place: int, group: Mapping[str, Any]) -> Whisker:
    label, predicted = group["value"] or NOT_GIVEN, group["predicted_approval_rate"]
    if group["too_few"]:
        return Whisker(label, f"{TOO_FEW}: {group['rows']} rows", place)
    axis = Axis(0, 1, 0, 100, "%")
    at, low, high = (axis.at(predicted[side]) for side in ("value", "low", "high"))
    observed = axis.at(group["observed_approval_rate"]["value"])
    return Whisker(label, percent_text(predicted["value"]), place, at, low, high, observed)


def _rate_cells(group: Mapping[str, Any]) -> list[str]:
    return [TOO_FEW if group["too_few"] else rate_text(group[name]) for name in RATE_FIELDS]


@dataclass(frozen=True, slots=True)
class CostRow:
    """A metric without and with the protected columns, and what the difference says."""

    label: str
    without: str
    seeing: str
    difference: str
    verdict: str


class ProtectedCost:
    """What the protected columns would add, were they not left out."""

    def __init__(self, cost: Mapping[str, Any], own: Mapping[str, Any]) -> None:
        self.columns = [BY_COLUMN[column].label for column in cost["columns"]]
        gaps = dict(metrics_in_order(cost["difference"]))
        most = max((abs(gap[side]) for gap in gaps.values() for side in ("low", "high")), default=0) or 1
        axis = Axis(-most, most, 0, 100, "%")
        self.zero = axis.at(0)
        self.whiskers = [_cost_whisker(place, name, gaps[name], axis) for place, name in enumerate(gaps)]
        self.height = ROW * len(self.whiskers) + ENDS
        self.ends = ("lower with them", "higher with them")
        self.rows = [
            CostRow(
                metric_title(name),
                mean_interval_text(own[name]),
                mean_interval_text(cost["with"][name]),
                signed_interval_text(gap),
                describe_difference(name, gap),
            )
            for name, gap in gaps.items()
        ]


def _cost_whisker(place: int, name: str, gap: Mapping[str, float], axis: Axis) -> Whisker:
    at, low, high = (axis.at(gap[side]) for side in ("mean", "low", "high"))
    return Whisker(metric_title(name), signed_text(gap["mean"], 4), place, at, low, high)
