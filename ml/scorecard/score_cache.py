"""A cache of results by score: applications that the model cannot tell apart are scored once."""

from collections.abc import Callable, Hashable, Mapping
from typing import Generic, NamedTuple, TypeVar

from ml.applications.types import Columns, to_python
from ml.scorecard.missing_value_bounds import ProbabilityBounds, missing_columns_by_row
from ml.scorecard.scores import Predictor, ScoreExplanation

MAX_CACHED = 100_000
Result = TypeVar("Result")


class CachedScore(NamedTuple):
    """The score that all applications with equal cache keys share.

    Attributes
    ----------
    probability, log_odds : float
        Of approval.
    missing : list of str
        Columns that the model reads and that have no value.
    gaps : ProbabilityBounds or None
        Bounds of the probability; ``None`` if missing values cannot change it.
    """

    probability: float
    log_odds: float
    explanation: ScoreExplanation
    missing: list[str]
    gaps: ProbabilityBounds | None


class ScoreCache(Generic[Result]):
    """A callable that returns `make_result` of each application's score, and remembers the results.

    Several threads may call it at once: a dictionary that another thread reads only grows.
    """

    def __init__(self, predictor: Predictor, make_result: Callable[[CachedScore], Result]) -> None:
        self._predictor, self._make_result = predictor, make_result
        self._results: dict[Hashable, Result] = {}

    def __call__(self, columns: Columns) -> list[Result]:
        """Return the results of n applications, in their order.

        Parameters
        ----------
        columns : mapping of str to sequence, each of length n
            Values by public column name; ``None``, or NaN in an array, for a missing value.
        """
        keys = self._predictor.cache_keys(columns)
        results = self._results if len(self._results) <= MAX_CACHED else {}
        new = set(keys).difference(results)
        if new:
            examples = {key: row for row, key in enumerate(keys) if key in new}
            results.update(self._score_examples(columns, examples))
        self._results = results
        return [*map(results.__getitem__, keys)]

    def _score_examples(self, columns: Columns, examples: Mapping[Hashable, int]) -> dict[Hashable, Result]:
        """Score one row for each new key."""
        rows = {
            name: [to_python(values[row]) for row in examples.values()] for name, values in columns.items()
        }
        scores = self._predictor.score(rows)
        missing = missing_columns_by_row(rows, self._predictor.sources, len(examples))
        cached = (
            CachedScore(probability, log_odds, scores.explanation(row), missing[row], scores.gaps(row))
            for row, (probability, log_odds) in enumerate(
                zip(scores.probability, scores.log_odds, strict=True)
            )
        )
        return dict(zip(examples, map(self._make_result, cached), strict=True))
