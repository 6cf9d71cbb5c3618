"""A version's figures as pages show them: none without its interval, none without the baselines."""

from dataclasses import dataclass
from typing import Any

from ml.metric_words import LOWER_IS_BETTER, title
from ml.reports import report
from predictions.models import ModelVersion

LOWER, HIGHER = "lower is better", "higher is better"
ALL = (*report.HEADLINE, "brier", "ece")


@dataclass(frozen=True, slots=True)
class Figure:
    """One mean with its 95 % interval as text (none for calibration error), beside the one rule's mean."""

    title: str
    better: str
    mean: str
    low: str
    high: str
    rule: str


@dataclass(frozen=True, slots=True)
class FiguresRow:
    name: str
    figures: list[Figure]


def headline(version: ModelVersion) -> list[Figure]:
    """Return the figures that a list shows."""
    return [_figure(version, version.recipe, metric) for metric in report.HEADLINE]


def table(version: ModelVersion) -> list[FiguresRow]:
    """Return all figures of the version and of the baselines on the same folds."""
    return [
        FiguresRow(report.TITLES.get(name, f"Version {version.pk}"), _all(version, name))
        for name in (version.recipe, "one_rule", "majority")
    ]


def hold_out(version: ModelVersion) -> list[tuple[str, str]]:
    """Return accuracies on the article's own hold-out by name; empty for a recipe without one."""
    accuracy = (version.report.get("hold_out") or {"accuracy": {}})["accuracy"]
    return [
        (report.TITLES.get(name, f"Version {version.pk}"), f"{value:.3f}")
        for name, value in report.own_first(accuracy)
    ]


def change(before: Figure, after: Figure) -> str:
    """Say in words how the mean that is shown changes."""
    gap = float(after.mean) - float(before.mean)
    if not gap:
        return "stays"
    better = (gap < 0) == (before.better == LOWER)
    return f"{'better' if better else 'worse'} by {abs(gap):.3f}"


def chosen(version: ModelVersion) -> str:
    """Return the parameters that the search chose."""
    return report.chosen(version.report)


def _all(version: ModelVersion, name: str) -> list[Figure]:
    return [_figure(version, name, metric) for metric in ALL]


def _figure(version: ModelVersion, name: str, metric: str) -> Figure:
    models: dict[str, Any] = version.report["cross_validation"]["models"]
    own, rule = models[name][metric], models["one_rule"][metric]
    low, high = (f"{own[end]:.3f}" if end in own else "" for end in ("low", "high"))
    better = LOWER if metric in LOWER_IS_BETTER else HIGHER
    return Figure(title(metric), better, f"{own['mean']:.3f}", low, high, f"{rule['mean']:.3f}")
