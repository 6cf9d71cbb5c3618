"""Results as rows of values."""

from collections.abc import Sequence
from typing import Any

from ml.scorecard.score_cache import Score
from predictions.bulk.scoring import NOTHING, Noted, Terms

Row = tuple[Any, ...]


class RowForm:
    """A row for each result, with the values of the CSV's columns."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def say(self, score: Score, noted: Noted = NOTHING) -> Row:
        whose = self._terms.model_version, self._terms.policy
        return (score.probability, *self._terms.result(score, noted), *whose)

    def rows(self, loan_ids: Sequence[str], said: Sequence[Row]) -> list[Row]:
        return [(loan_id, *values) for loan_id, values in zip(loan_ids, said, strict=True)]
