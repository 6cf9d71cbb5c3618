"""How good a version is, as plots and tables. A part that its training did not measure is None."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ml.figures import HEADLINE_METRICS, LOWER_IS_BETTER, METRIC_LABELS, mean_interval_text, metric_title
from ml.reports import report
from ml.reports.report import BASELINE_TITLES, model_before_baselines
from predictions.models import ModelVersion
from predictions.web.plots.curves import LearningCurve, Reliability
from predictions.web.plots.whiskers import GroupColumn, ProtectedCost


class EvaluationView:
    """What the evaluation of a version shows."""

    def __init__(self, version: ModelVersion) -> None:
        self.version = version
        self._report: Mapping[str, Any] = version.report
        self._validation: Mapping[str, Any] = self._report["cross_validation"]
        self._own: Mapping[str, Any] = self._validation["models"][version.recipe]

    @property
    def folds(self) -> str:
        return f"{self._validation['repeats']} x {self._validation['folds']}-fold"

    @property
    def rows(self) -> int:
        return int(self._report["rows"])

    @property
    def metrics(self) -> list[str]:
        return list(METRIC_LABELS.values())

    @cached_property
    def figures(self) -> list[tuple[str, list[str]]]:
        """The model's figures, and the baselines' that they must be read beside."""
        return [
            (
                BASELINE_TITLES.get(name, "this version"),
                [mean_interval_text(found[metric]) for metric in METRIC_LABELS],
            )
            for name, found in model_before_baselines(self._validation["models"])
        ]

    @property
    def calibration_error(self) -> str:
        return mean_interval_text(self._own["ece"])

    @cached_property
    def reliability(self) -> Reliability | None:
        table = self._own.get("reliability")
        return Reliability(table) if table else None

    @cached_property
    def learning_curve(self) -> LearningCurve | None:
        table = self._report.get("learning_curve")
        return LearningCurve(table, self._validation["models"]["one_rule"]) if table else None

    @cached_property
    def groups(self) -> list[GroupColumn] | None:
        columns = self._report.get("groups")
        return [GroupColumn(column, found) for column, found in columns.items()] if columns else None

    @cached_property
    def protected_cost(self) -> ProtectedCost | None:
        cost = self._report.get("protected_cost")
        return ProtectedCost(cost, self._own) if cost else None


LOWER, HIGHER = "lower is better", "higher is better"
ALL_METRICS = (*HEADLINE_METRICS, "brier", "ece")


@dataclass(frozen=True, slots=True)
class MetricCell:
    """One mean with its 95% interval as text (none for calibration error), beside the one rule's mean."""

    title: str
    better: str
    mean: str
    low: str
    high: str
    rule: str


@dataclass(frozen=True, slots=True)
class MetricRow:
    name: str
    figures: list[MetricCell]


def headline_metrics(version: ModelVersion) -> list[MetricCell]:
    """Return the figures that a list shows."""
    return [_figure(version, version.recipe, metric) for metric in HEADLINE_METRICS]


def metrics_table(version: ModelVersion) -> list[MetricRow]:
    """Return all figures of the version and of the baselines on the same folds."""
    return [
        MetricRow(report.BASELINE_TITLES.get(name, f"Version {version.pk}"), _all(version, name))
        for name in (version.recipe, "one_rule", "majority")
    ]


def hold_out_accuracies(version: ModelVersion) -> list[tuple[str, str]]:
    """Return accuracies on the article's own hold-out by name; empty for a recipe without one."""
    accuracy = (version.report.get("hold_out") or {"accuracy": {}})["accuracy"]
    return [
        (report.BASELINE_TITLES.get(name, f"Version {version.pk}"), f"{value:.3f}")
        for name, value in report.model_before_baselines(accuracy)
    ]


def metric_change(before: MetricCell, after: MetricCell) -> str:
    """Say in words how the mean that is shown changes."""
    gap = float(after.mean) - float(before.mean)
    if not gap:
        return "stays"
    better = (gap < 0) == (before.better == LOWER)
    return f"{'better' if better else 'worse'} by {abs(gap):.3f}"


def chosen_parameters_of(version: ModelVersion) -> str:
    """Return the parameters that the search chose."""
    return report.chosen_parameters(version.report)


def _all(version: ModelVersion, name: str) -> list[MetricCell]:
    return [_figure(version, name, metric) for metric in ALL_METRICS]


def _figure(version: ModelVersion, name: str, metric: str) -> MetricCell:
    models: dict[str, Any] = version.report["cross_validation"]["models"]
    own, rule = models[name][metric], models["one_rule"][metric]
    low, high = (f"{own[end]:.3f}" if end in own else "" for end in ("low", "high"))
    better = LOWER if metric in LOWER_IS_BETTER else HIGHER
    return MetricCell(metric_title(metric), better, f"{own['mean']:.3f}", low, high, f"{rule['mean']:.3f}")
