"""Evaluation of a version as plots and tables. Parts that its training did not measure are None."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ml.figures import HEADLINE_METRICS, LOWER_IS_BETTER, METRIC_LABELS, mean_interval_text, metric_title
from ml.reports.card_strength import information_values
from ml.reports.report import baseline_titles, model_before_baselines, one_rule_of
from ml.schemas.schema import Schema
from predictions.live.schemas import schema_of_version
from predictions.models import ModelVersion
from predictions.web.plots.curves import LearningCurve, Reliability
from predictions.web.plots.whiskers import GroupColumn, ProtectedCost

LOWER, HIGHER = "lower is better", "higher is better"
UNCHANGED = "unchanged"
ALL_METRICS = (*HEADLINE_METRICS, "brier", "ece")


@dataclass(frozen=True, slots=True)
class Strength:
    """Gini, KS and information values as text; the bar of a column is a share of the highest value."""

    gini: str
    ks: str
    columns: list[tuple[str, str, str]]

    @classmethod
    def of(cls, schema: Schema, measured: Mapping[str, Any]) -> "Strength":
        values = information_values(schema, measured)
        highest = max((value for _, value in values), default=0.0) or 1.0
        columns = [(label, f"{value:.3f}", f"{100 * value / highest:.1f}%") for label, value in values]
        return cls(mean_interval_text(measured["gini"]), mean_interval_text(measured["ks"]), columns)


class EvaluationView:
    """Metrics, curves and groups of a version, as its evaluation page shows them."""

    def __init__(self, version: ModelVersion) -> None:
        self.version = version
        self._report = version.report
        self._validation = version.report["cross_validation"]
        self._own = self._validation["models"][version.recipe]
        self.one_rule = one_rule_of(version.report)
        self.schema = schema_of_version(version.pk)

    @property
    def folds(self) -> str:
        return f"{self._validation['repeats']} \N{MULTIPLICATION SIGN} {self._validation['folds']}-fold"

    @property
    def rows(self) -> int:
        return int(self._report["rows"])

    @property
    def metrics(self) -> list[str]:
        return list(METRIC_LABELS.values())

    @cached_property
    def rows_of_metrics(self) -> list[tuple[str, list[str]]]:
        """Titles with their metrics: this version, then the baselines."""
        return [
            (
                baseline_titles(self._report).get(name, "this version"),
                [mean_interval_text(metrics[metric]) for metric in METRIC_LABELS],
            )
            for name, metrics in model_before_baselines(self._validation["models"])
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
        by_column = self.schema.by_column
        return [GroupColumn(by_column[name], rates) for name, rates in columns.items()] if columns else None

    @cached_property
    def protected_cost(self) -> ProtectedCost | None:
        cost = self._report.get("protected_cost")
        return ProtectedCost(self.schema, cost, self._own) if cost else None

    @cached_property
    def strength(self) -> Strength | None:
        measured = self._report.get("strength")
        return Strength.of(self.schema, measured) if measured else None


@dataclass(frozen=True, slots=True)
class MetricCell:
    """A mean with its 95% interval as text (empty for ECE), and the mean of the one rule."""

    title: str
    better: str
    mean: str
    low: str
    high: str
    rule: str


@dataclass(frozen=True, slots=True)
class MetricRow:
    name: str
    metrics: list[MetricCell]


def headline_metrics(version: ModelVersion) -> list[MetricCell]:
    """Return the metrics that lists show."""
    return [_metric_cell(version, version.recipe, metric) for metric in HEADLINE_METRICS]


def metrics_table(version: ModelVersion) -> list[MetricRow]:
    """Return all metrics of the version and of the baselines on the same folds."""
    titles = baseline_titles(version.report)
    return [
        MetricRow(titles.get(name, f"Version {version.pk}"), _all_metrics(version, name))
        for name in (version.recipe, "one_rule", "majority")
    ]


def hold_out_accuracies(version: ModelVersion) -> list[tuple[str, str]]:
    """Return names and accuracies on the hold-out set of the article; empty for a recipe without one."""
    accuracy = (version.report.get("hold_out") or {"accuracy": {}})["accuracy"]
    titles = baseline_titles(version.report)
    return [
        (titles.get(name, f"Version {version.pk}"), f"{value:.3f}")
        for name, value in model_before_baselines(accuracy)
    ]


def metric_change(before: MetricCell, after: MetricCell) -> str:
    """Return the change of the displayed mean in words."""
    change = float(after.mean) - float(before.mean)
    if not change:
        return UNCHANGED
    better = (change < 0) == (before.better == LOWER)
    return f"{'better' if better else 'worse'} by {abs(change):.3f}"


def _all_metrics(version: ModelVersion, name: str) -> list[MetricCell]:
    return [_metric_cell(version, name, metric) for metric in ALL_METRICS]


def _metric_cell(version: ModelVersion, name: str, metric: str) -> MetricCell:
    models = version.report["cross_validation"]["models"]
    own, rule = models[name][metric], models["one_rule"][metric]
    low, high = (f"{own[end]:.3f}" if end in own else "" for end in ("low", "high"))
    better = LOWER if metric in LOWER_IS_BETTER else HIGHER
    return MetricCell(metric_title(metric), better, f"{own['mean']:.3f}", low, high, f"{rule['mean']:.3f}")
