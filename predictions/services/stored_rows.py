"""Stored predictions with the applications that they were made of, in chunks, newest first."""

import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from ml.gaps import Gaps
from ml.records import InvalidRecord, read_json_row
from predictions.models import Policy, Prediction

CHUNK = 5_000
_FACTS = ("created_at", "inputs", "policy", "approval_probability", "outcome")
_KEYS = ("applicant__loan_id", "explanation", "model_version")


class StoredRow(NamedTuple):
    """A prediction and its inputs as a record; none when they break a rule of today."""

    prediction: Prediction
    record: Any

    def outcome(self, probability: float, gaps: Gaps | None) -> str:
        """Return what a score means under this prediction's own policy."""
        policy: Policy = self.prediction.policy
        return policy.outcome(probability, gaps)


def chunks(newest: int | None) -> Iterator[list[StoredRow]]:
    """Walk by key: what is stored meanwhile shifts nothing."""
    rows = Prediction.objects.select_related("applicant", "policy").only(*_FACTS, *_KEYS).order_by("-pk")
    left = sys.maxsize if newest is None else newest
    following = rows
    while chunk := list(following[: min(CHUNK, left)]):
        yield [StoredRow(prediction, _record(prediction)) for prediction in chunk]
        left -= len(chunk)
        following = rows.filter(pk__lt=chunk[-1].pk)


def _record(prediction: Prediction) -> Any:
    try:
        return read_json_row(prediction.inputs)
    except InvalidRecord:
        return None
