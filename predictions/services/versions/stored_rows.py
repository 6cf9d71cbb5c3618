"""Stored predictions with the applications that they were made of, in chunks, newest first."""

import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.db.models import QuerySet

from ml.applications.plausibility import Remarks
from ml.applications.records import InvalidRecord, read_json_row
from ml.scorecard.missing_value_bounds import Gaps
from predictions.models import Policy, Prediction

CHUNK = 5_000
_FACTS = ("created_at", "inputs", "warnings", "policy", "approval_probability", "outcome")
_KEYS = ("loan_id", "explanation", "model_version")


class StoredRow(NamedTuple):
    """A prediction and its inputs as a record; none when they break a rule of today."""

    prediction: Prediction
    record: Any

    def outcome(self, probability: float, gaps: Gaps | None, remarks: Remarks) -> str:
        """Return what a score means under this prediction's own policy, with remarks that may refer it."""
        policy: Policy = self.prediction.policy
        return policy.rule.outcome(probability, gaps, remarks)


def chunks(newest: int | None) -> Iterator[list[StoredRow]]:
    rows = Prediction.objects.select_related("policy").only(*_FACTS, *_KEYS)
    for chunk in by_key(rows, newest, key=lambda prediction: prediction.pk):
        yield [StoredRow(prediction, _record(prediction)) for prediction in chunk]


def by_key(rows: QuerySet[Any, Any], newest: int | None, key: Callable[[Any], int]) -> Iterator[list[Any]]:
    """Walk rows of any shape by their key: what is stored meanwhile shifts nothing."""
    left = sys.maxsize if newest is None else newest
    rows = following = rows.order_by("-pk")
    while chunk := list(following[: min(CHUNK, left)]):
        yield chunk
        left -= len(chunk)
        following = rows.filter(pk__lt=key(chunk[-1]))


def _record(prediction: Prediction) -> Any:
    try:
        return read_json_row(prediction.inputs)
    except InvalidRecord:
        return None
