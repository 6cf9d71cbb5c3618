"""Stored predictions with the applications that they were made of, in chunks, newest first."""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import QuerySet

from ml.applications.plausibility import Remarks
from ml.applications.records import InvalidRecord, columns_of, read_json_row
from ml.errors import ArtefactError
from ml.scorecard.missing_value_bounds import ProbabilityBounds
from ml.scorecard.scores import Predictor
from predictions.live import active_model
from predictions.models import ModelVersion, Policy, Prediction

CHUNK_ROWS = 5_000
_FACTS = ("created_at", "inputs", "warnings", "policy", "approval_probability", "outcome")
_KEYS = ("loan_id", "explanation", "model_version")


class StoredRow(NamedTuple):
    """A prediction and its inputs as a record; none when they break a rule of today."""

    prediction: Prediction
    record: Any

    def outcome(self, probability: float, gaps: ProbabilityBounds | None, remarks: Remarks) -> str:
        """Return what a score means under this prediction's own policy, with remarks that may refer it."""
        policy: Policy = self.prediction.policy
        return policy.rule.outcome(probability, gaps, remarks)


def iter_chunks(newest: int | None) -> Iterator[list[StoredRow]]:
    rows = Prediction.objects.select_related("policy").only(*_FACTS, *_KEYS)
    for chunk in iter_by_key(rows, newest, key=lambda prediction: prediction.pk):
        yield [StoredRow(prediction, _record(prediction)) for prediction in chunk]


def iter_by_key(
    rows: QuerySet[Any, Any], newest: int | None, key: Callable[[Any], int]
) -> Iterator[list[Any]]:
    """Walk rows of any shape by their key: what is stored meanwhile shifts nothing."""
    left = sys.maxsize if newest is None else newest
    rows = following = rows.order_by("-pk")
    while chunk := list(following[: min(CHUNK_ROWS, left)]):
        yield chunk
        left -= len(chunk)
        following = rows.filter(pk__lt=key(chunk[-1]))


def _record(prediction: Prediction) -> Any:
    try:
        return read_json_row(prediction.inputs)
    except InvalidRecord:
        return None


TOLERANCE = 1e-12


@dataclass(slots=True)
class Proof:
    """How far a version is from its own stored predictions; `problem` says why it could not be asked.

    `unreadable` counts rows whose stored inputs break a rule of today.
    """

    version: ModelVersion
    predictor: Predictor | None = None
    problem: str = ""
    checked: int = 0
    unreadable: int = 0
    largest: float = 0.0
    furthest: int | None = None
    outcomes_differing: int = 0

    @property
    def passes(self) -> bool:
        exact = self.largest <= TOLERANCE and not self.outcomes_differing
        return exact and not self.problem and not self.unreadable

    def check(self, rows: Sequence[StoredRow]) -> None:
        """Score some of this version's own rows again."""
        good = [row for row in rows if row.record is not None]
        self.unreadable += len(rows) - len(good)
        if self.predictor is None or not good:
            return
        self.checked += len(good)
        found = self.predictor.score(columns_of([row.record for row in good]))
        for place, (row, probability) in enumerate(zip(good, found.probability, strict=True)):
            self._compare(row, probability, found.gaps(place))

    def _compare(self, row: StoredRow, probability: float, gaps: ProbabilityBounds | None) -> None:
        outcome = row.outcome(
            probability, gaps, row.prediction.referring_remarks
        )  # as they were remarked on then
        self.outcomes_differing += outcome != row.prediction.outcome
        difference = abs(probability - row.prediction.approval_probability)
        if difference > self.largest:
            self.largest, self.furthest = difference, row.prediction.pk


class Reproduction:
    """The proofs of all versions that are met on the way; each artefact is verified and loaded once."""

    def __init__(self) -> None:
        self._proofs: dict[int, Proof] = {}

    def check(self, rows: Sequence[StoredRow]) -> None:
        by_version = defaultdict(list)
        for row in rows:
            by_version[row.prediction.model_version_id].append(row)
        for version_id, own in by_version.items():
            if version_id not in self._proofs:
                self._proofs[version_id] = _open(version_id)
            self._proofs[version_id].check(own)

    def proofs(self) -> list[Proof]:
        """Return the proofs, the newest version first."""
        return [self._proofs[version_id] for version_id in sorted(self._proofs, reverse=True)]


def _open(version_id: int) -> Proof:
    version = ModelVersion.objects.defer("report").get(pk=version_id)
    try:
        return Proof(version, active_model.open_version(version).predictor)
    except ArtefactError as error:
        return Proof(version, problem=str(error))
