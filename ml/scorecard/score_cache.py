"""What is said of applications, worked out once per kind of application (see `Predictor.kinds`)."""

import math
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from ml.applications.types import Columns
from ml.scorecard.missing_value_bounds import ProbabilityBounds, missing_columns_by_row
from ml.scorecard.scores import Predictor, ScoreExplanation

MAX_CACHED = 100_000
Result = TypeVar("Result")


class CachedScore(NamedTuple):
    """What a model gives for all applications of one kind.

    Attributes
    ----------
    probability, log_odds : float
        Of approval.
    missing : list of str
        Columns that the model reads and that have no value.
    gaps : Gaps or None
        What those could still change; ``None`` when they change nothing.
    """

    probability: float
    log_odds: float
    explanation: ScoreExplanation
    missing: list[str]
    gaps: ProbabilityBounds | None


class ScoreCache(Generic[Result]):
    """Says of each application what `say` makes of its kind's score; remembers it from call to call.

    Several threads may call at once: none changes what another one reads, but for adding to it.
    """

    def __init__(self, predictor: Predictor, say: Callable[[CachedScore], Result]) -> None:
        self._predictor, self._say = predictor, say
        self._said: dict[Hashable, Result] = {}

    def __call__(self, columns: Columns) -> list[Result]:
        """Return what is said of n applications, in their order.

        Parameters
        ----------
        columns : mapping of str to sequence, each of length n
            Values by public column name; ``None``, or NaN in an array, for a gap.
        """
        kinds = self._predictor.kinds(columns)
        said = self._said if len(self._said) <= MAX_CACHED else {}
        new = set(kinds).difference(said)
        if new:
            said.update(self._learn(columns, {kind: row for row, kind in enumerate(kinds) if kind in new}))
        self._said = said
        return [*map(said.__getitem__, kinds)]

    def _learn(self, columns: Columns, examples: Mapping[Hashable, int]) -> dict[Hashable, Result]:
        """Score one application of each kind."""
        some = {name: [_plain(values[row]) for row in examples.values()] for name, values in columns.items()}
        scores = self._predictor.score(some)
        missing = missing_columns_by_row(some, self._predictor.sources, len(examples))
        found = zip(scores.probability, scores.log_odds, missing, strict=True)
        return {
            kind: self._say(
                CachedScore(probability, log_odds, scores.explanation(row), gone, scores.gaps(row))
            )
            for row, (kind, (probability, log_odds, gone)) in enumerate(zip(examples, found, strict=True))
        }


def _plain(value: Any) -> Any:
    """Return an array's number as Python's own, and NaN as the gap that it stands for."""
    if not isinstance(value, float):
        return value
    return None if math.isnan(value) else float(value)
