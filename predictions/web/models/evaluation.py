"""How good a version is, as plots and tables. A part that its training did not measure is None."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from ml.figures import mean_interval
from ml.reports.report import COLUMNS as METRICS
from ml.reports.report import TITLES, own_first
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
        return list(METRICS.values())

    @cached_property
    def figures(self) -> list[tuple[str, list[str]]]:
        """The model's figures, and the baselines' that they must be read beside."""
        return [
            (TITLES.get(name, "this version"), [mean_interval(found[metric]) for metric in METRICS])
            for name, found in own_first(self._validation["models"])
        ]

    @property
    def calibration_error(self) -> str:
        return mean_interval(self._own["ece"])

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
