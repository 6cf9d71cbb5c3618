"""Flips: the smallest change of one value that would change the outcome.

Only values that an applicant could choose otherwise are tried (`Feature.actionable`).
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ml.applications.plausibility import RemarkFinder, referring_remarks
from ml.applications.types import ApplicationValues, Columns
from ml.scorecard.outcomes import DecisionRule
from ml.scorecard.scores import Predictor


@dataclass(frozen=True, slots=True)
class ValueFlip:
    """A change of one value that would change the outcome.

    Attributes
    ----------
    before, value : float
        The value of the application, and the nearest one with the wanted outcome.
    probability : float
        Approval probability with `value`.
    until : float
        Every step from `value` to here, further in the same direction, has the wanted outcome too.
    onwards : bool
        Whether every step beyond `until` has it as well.
    """

    column: str
    before: float
    value: float
    probability: float
    until: float
    onwards: bool


def find_flips(
    predictor: Predictor,
    remarks: RemarkFinder,
    values: ApplicationValues,
    rule: DecisionRule,
    wanted: str,
) -> list[ValueFlip]:
    """Return for each column the step nearest to its value that has the wanted outcome.

    Parameters
    ----------
    predictor : Predictor
        Called once, for all steps of all columns.
    remarks : RemarkFinder
        Finds the remarks about each step's values.
    values : mapping
        Values of one application by column.
    rule : DecisionRule
        The policy.
    wanted : str
        The outcome to look for: ``"approved"``, ``"denied"`` or ``"refer"``.

    Returns
    -------
    list of ValueFlip
        Columns without a value or without a flip are left out.
    """
    before = {
        feature.column: float(value)
        for feature in predictor.schema.features
        if feature.actionable and (value := values[feature.column]) is not None
    }
    steps_by_column = _try_steps(predictor, remarks, values, rule, wanted) if before else {}
    flips = [_nearest(column, before[column], steps) for column, steps in steps_by_column.items()]
    return [flip for flip in flips if flip]


class _Step(NamedTuple):
    value: float
    probability: float
    has_wanted: bool


def _try_steps(
    predictor: Predictor,
    remarks: RemarkFinder,
    values: ApplicationValues,
    rule: DecisionRule,
    wanted: str,
) -> dict[str, list[_Step]]:
    """Return all steps of the columns with a value.

    Bounds are slow to compute for a forest, so they are computed only if they can matter.
    """
    grid = [
        (feature.column, float(step))
        for feature in predictor.schema.features
        if feature.actionable and values[feature.column] is not None
        for step in feature.actionable
    ]
    rows: Columns = {
        name: [step if name == column else value for column, step in grid] for name, value in values.items()
    }
    scores, remarks_by_row = predictor.score(rows), remarks(rows)
    held_by_row = rule.held_by_row(predictor.schema, rows)
    has_missing = any(values[source] is None for source in predictor.sources)
    steps: dict[str, list[_Step]] = {}
    for row, ((column, step), probability) in enumerate(zip(grid, scores.probability, strict=True)):
        found = remarks_by_row.get(row, ())
        tried = {name: column_values[row] for name, column_values in rows.items()} if found else {}
        referring = referring_remarks(predictor.schema, found, tried) if found else []
        held = held_by_row.get(row, ())
        reached = rule.outcome(probability, None, referring, held) == wanted
        if reached and has_missing:
            reached = rule.outcome(probability, scores.gaps(row), referring, held) == wanted
        steps.setdefault(column, []).append(_Step(step, probability, reached))
    return steps


def _nearest(column: str, before: float, steps: Sequence[_Step]) -> ValueFlip | None:
    reached = [step for step in steps if step.has_wanted]
    if not reached:
        return None
    flip = min(reached, key=lambda step: abs(step.value - before))
    further = [step for step in steps if (step.value - flip.value) * (flip.value - before) > 0]
    further.sort(key=lambda step: abs(step.value - before))
    same_outcome = list(itertools.takewhile(lambda step: step.has_wanted, further))
    until = same_outcome[-1].value if same_outcome else flip.value
    onwards = len(same_outcome) == len(further)
    return ValueFlip(column, before, flip.value, flip.probability, until, onwards)
