"""How much it could be: the largest amount that a policy would approve, with everything else as it is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.applications.plausibility import RemarkFinder, referring_remarks
from ml.applications.types import ApplicationValues, Columns
from ml.scorecard.outcomes import DecisionRule
from ml.scorecard.scorecard import Scorecard
from ml.scorecard.scores import Predictor

BISECTION, STEPS = "bisection", "steps"


@dataclass(frozen=True, slots=True)
class CouldBe:
    """The largest value of a column that would be approved.

    Attributes
    ----------
    probability : float
        Approval probability with `value`.
    method : str
        ``"bisection"`` where the probability never rises with the value, else ``"steps"``: every step of
        the column was tried.
    """

    column: str
    value: float
    probability: float
    method: str


def find_could_be(
    predictor: Predictor, remarks: RemarkFinder, values: ApplicationValues, column: str, rule: DecisionRule
) -> CouldBe | None:
    """Return the largest step of a column that the rule approves, or None if it approves none.

    Parameters
    ----------
    predictor : Predictor
        Called once for all steps, or for one step at a time of a bisection.
    remarks : RemarkFinder
        Finds the remarks about each step's values.
    values : mapping
        Values of one application by column; that of `column` may be missing.
    column : str
        A column with steps (`Feature.actionable`).
    rule : DecisionRule
        With its band, rules and limit.

    Returns
    -------
    CouldBe or None
        None too if the column has no steps.
    """
    steps = predictor.schema.by_column[column].actionable or range(0)
    search = _Search(predictor, remarks, dict(values), column, rule)
    allowed = search.allowed(sorted(map(float, steps)))
    if not allowed:
        return None
    return search.bisect(allowed) if search.falls(allowed) else search.try_all(allowed)


@dataclass(frozen=True, slots=True)
class _Search:
    predictor: Predictor
    remarks: RemarkFinder
    values: dict[str, str | float | None]
    column: str
    rule: DecisionRule

    def allowed(self, steps: Sequence[float]) -> list[float]:
        """Return the steps about which no remark, rule or limit refers or denies, whatever the model says."""
        if not steps:
            return []
        rows, schema = self._rows(steps), self.predictor.schema
        found, held = self.remarks(rows), self.rule.held_by_row(schema, rows)
        return [
            step
            for row, step in enumerate(steps)
            if row not in held
            and not self.rule.refers_for(
                referring_remarks(schema, found.get(row, ()), self.values | {self.column: step})
            )
        ]

    def falls(self, steps: Sequence[float]) -> bool:
        """Return True if the outcome is approved up to some step and never beyond it."""
        rule, predictor = self.rule, self.predictor
        band_above = rule.refer_low is not None and rule.refer_low > rule.threshold
        others = [source for source in predictor.sources if source != self.column]
        if not isinstance(predictor, Scorecard) or band_above or None in map(self.values.get, others):
            return False
        rows = self._rows(steps)
        return all(
            not column.special
            and column.direction
            and _never_rises(column.direction * column.model_column.values(rows))
            for column in predictor.columns
            if self.column in column.model_column.sources
        )

    def bisect(self, steps: Sequence[float]) -> CouldBe | None:
        """Halve the steps until the largest approved one is found."""
        best, low, high = None, 0, len(steps)
        while low < high:
            middle = (low + high) // 2
            if tried := self._approved(steps[middle : middle + 1], BISECTION):
                best, low = tried, middle + 1
            else:
                high = middle
        return best

    def try_all(self, steps: Sequence[float]) -> CouldBe | None:
        return self._approved(steps, STEPS)

    def _approved(self, steps: Sequence[float], method: str) -> CouldBe | None:
        """Return the largest of some rising steps that is approved. One call of the model."""
        scores = self.predictor.score(self._rows(steps))
        for row in reversed(range(len(steps))):
            probability = scores.probability[row]
            if (
                self.rule.outcome(probability, None, []) == "approved"
                and self.rule.outcome(probability, scores.gaps(row), []) == "approved"
            ):
                return CouldBe(self.column, steps[row], probability, method)
        return None

    def _rows(self, steps: Sequence[float]) -> Columns:
        rows: Columns = {name: [value] * len(steps) for name, value in self.values.items()}
        return {**rows, self.column: list(steps)}


def _never_rises(values: np.ndarray) -> bool:
    return not np.isnan(values).any() and bool((np.diff(values) <= 0).all())
