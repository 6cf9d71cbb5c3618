"""A cache of results by score: applications that the model cannot tell apart are scored once."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from ml.applications.types import Columns, Ints, to_python
from ml.scorecard.missing_value_bounds import ProbabilityBounds, missing_columns_by_row
from ml.scorecard.scores import Predictor, ScoreExplanation

MAX_CACHED = 100_000
_FEW_KEYS = 1 << 18  # possible keys for which marking each is quicker than sorting
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
        if isinstance(keys, np.ndarray):
            distinct, places = _distinct(keys)
            results = np.fromiter(self._results_of(distinct.tolist(), keys, columns), object, len(distinct))
            taken: list[Result] = results.take(places).tolist()
            return taken
        return self._results_of(keys, keys, columns)

    def _results_of(
        self, wanted: Sequence[Hashable], keys: Sequence[Hashable] | Ints, columns: Columns
    ) -> list[Result]:
        """Return the results of the `wanted` keys; `keys` are those of the rows of `columns`."""
        results = self._results if len(self._results) <= MAX_CACHED else {}
        new = set(wanted).difference(results)
        if new:
            rows = keys.tolist() if isinstance(keys, np.ndarray) else keys
            examples = {key: row for row, key in enumerate(rows) if key in new}
            results.update(self._score_examples(columns, examples))
        self._results = results
        return [*map(results.__getitem__, wanted)]

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


def _distinct(keys: Ints) -> tuple[Ints, Ints]:
    """Return the distinct keys, which are 0 or above, rising, and the place of each row's key among them."""
    most = int(keys.max(initial=0))
    if most >= _FEW_KEYS:
        return np.unique(keys, return_inverse=True)
    occurs = np.zeros(most + 1, dtype=bool)
    occurs[keys] = True
    distinct = np.flatnonzero(occurs)
    places = np.empty(most + 1, dtype=np.int64)
    places[distinct] = np.arange(len(distinct))
    return distinct, places[keys]
