"""The smallest change of one value that would flip the outcome, of values that an applicant can act on."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ml.applications.plausibility import Remark, RemarkFinder, referring_remarks
from ml.applications.schema import FEATURES
from ml.scorecard.missing_value_bounds import ProbabilityBounds
from ml.scorecard.scores import Predictor

# From the probability of approval, what missing values could still change and remarks to the outcome.
OutcomeFunction = Callable[[float, ProbabilityBounds | None, Sequence[Remark]], str]


@dataclass(frozen=True, slots=True)
class ValueFlip:
    """One value in place of another one, and what the model would say then.

    Attributes
    ----------
    until : float
        Up to this step, further in the same direction, every one has that outcome too.
    onwards : bool
        So has every step beyond it.
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
    values: Mapping[str, Any],
    outcome: OutcomeFunction,
    wanted: str,
) -> list[ValueFlip]:
    """Return for each column the step nearest to its value that has the wanted outcome.

    Parameters
    ----------
    predictor : Predictor
        Asked once, for all steps of all columns.
    remarks : RemarkFinder
        What is said of each step's values.
    values : mapping
        One application by column; columns without a value are left out, and so are those without a flip.
    """
    columns = [feature for feature in FEATURES if feature.actionable and values[feature.column] is not None]
    grid = [(feature.column, float(step)) for feature in columns for step in feature.actionable or ()]

    def reaches(probability: float, gaps: ProbabilityBounds | None, said: Sequence[Remark]) -> bool:
        return outcome(probability, gaps, said) == wanted

    steps = _tried(predictor, remarks, values, grid, reaches) if grid else {}
    found = [_nearest(column, float(values[column]), met) for column, met in steps.items()]
    return [flip for flip in found if flip]


class _Step(NamedTuple):
    value: float
    probability: float
    reached: bool


def _tried(
    predictor: Predictor,
    remarks: RemarkFinder,
    values: Mapping[str, Any],
    grid: Sequence[tuple[str, float]],
    reaches: Callable[[float, ProbabilityBounds | None, Sequence[Remark]], bool],
) -> dict[str, list[_Step]]:
    """Return all steps by column. Gaps are only asked where they matter: a forest has to work them out."""
    rows = {
        name: [step if name == column else value for column, step in grid] for name, value in values.items()
    }
    scores, remarked = predictor.score(rows), remarks(rows)
    has_gaps = any(values[source] is None for source in predictor.sources)
    found: dict[str, list[_Step]] = {}
    for row, ((column, step), probability) in enumerate(zip(grid, scores.probability, strict=True)):
        said = referring_remarks(remarked.get(row, ()), rows["CoapplicantIncome"][row])
        reached = reaches(probability, None, said)
        if reached and has_gaps:
            reached = reaches(probability, scores.gaps(row), said)
        found.setdefault(column, []).append(_Step(step, probability, reached))
    return found


def _nearest(column: str, before: float, steps: Sequence[_Step]) -> ValueFlip | None:
    reached = [step for step in steps if step.reached]
    if not reached:
        return None
    flip = min(reached, key=lambda step: abs(step.value - before))
    further = [step for step in steps if (step.value - flip.value) * (flip.value - before) > 0]
    further.sort(key=lambda step: abs(step.value - before))
    together = list(itertools.takewhile(lambda step: step.reached, further))
    until = together[-1].value if together else flip.value
    return ValueFlip(column, before, flip.value, flip.probability, until, len(together) == len(further))
