"""What referred or denied the predictions of a list, counted by cause."""

from collections import Counter
from typing import NamedTuple

from predictions.models import Prediction
from predictions.reading import keyset
from predictions.reading.keyset import PredictionRows

MOST_COUNTED = 1_000  # causes are worked out from the stored values of each prediction


class CauseCounts(NamedTuple):
    """How many of the `counted` newest predictions of a list have each cause, the most frequent first.

    `by_probability` counts those that were denied without any cause.
    """

    counted: int
    by_code: list[tuple[str, int]]
    by_probability: int

    @property
    def complete(self) -> bool:
        return self.counted < MOST_COUNTED


def count_causes(rows: PredictionRows) -> CauseCounts:
    """Count the causes of the newest predictions of a list, each once for a prediction."""
    newest = keyset.first_rows(rows, keyset.SORTS[keyset.NEWEST].order, MOST_COUNTED)
    counted, by_code, by_probability = 0, Counter[str](), 0
    for prediction in newest.select_related("policy"):
        codes = {cause["code"] for cause in prediction.causes}
        by_code.update(codes)
        by_probability += not codes and prediction.outcome == Prediction.Outcome.DENIED
        counted += 1
    ordered = sorted(by_code.items(), key=lambda item: (-item[1], item[0]))
    return CauseCounts(counted, ordered, by_probability)
