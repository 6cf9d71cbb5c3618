"""Stored predictions with their applications, and the proof that versions reproduce what they predicted."""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from django.db.models import QuerySet

from ml.applications.plausibility import Remarks
from ml.applications.records import InvalidRecord, read_json_row
from ml.errors import ArtefactError
from ml.scorecard.missing_value_bounds import ProbabilityBounds
from ml.scorecard.policy_rules import Held
from ml.scorecard.scores import Predictor
from predictions.live import active_model
from predictions.models import ModelVersion, Policy, Prediction

CHUNK_ROWS = 5_000
_FACTS = ("created_at", "inputs", "warnings", "policy", "approval_probability", "outcome")
_KEYS = ("loan_id", "explanation", "model_version")
Row = TypeVar("Row")


class StoredRow(NamedTuple):
    """A prediction, and whether its inputs obey today's rules for the values of its schema."""

    prediction: Prediction
    readable: bool

    def outcome(
        self, probability: float, gaps: ProbabilityBounds | None, remarks: Remarks, held: Held
    ) -> str:
        """Return the outcome of a score by this prediction's policy. `remarks` are the referring ones."""
        policy: Policy = self.prediction.policy
        return policy.rule.outcome(probability, gaps, remarks, held)


def iter_chunks(product_id: int, newest: int | None) -> Iterator[list[StoredRow]]:
    """Yield a product's `newest` predictions (None: all) in chunks, newest first."""
    rows = Prediction.objects.of_product(product_id).select_related("policy").only(*_FACTS, *_KEYS)
    for chunk in iter_by_key(rows, newest, key=lambda prediction: prediction.pk):
        yield [StoredRow(prediction, _is_readable(prediction)) for prediction in chunk]


def iter_by_key(
    rows: QuerySet[Prediction, Row], newest: int | None, key: Callable[[Row], int]
) -> Iterator[list[Row]]:
    """Yield rows in chunks by their key, newest first. Rows stored meanwhile do not shift the chunks."""
    remaining = sys.maxsize if newest is None else newest
    rows = following = rows.order_by("-pk")
    while chunk := list(following[: min(CHUNK_ROWS, remaining)]):
        yield chunk
        remaining -= len(chunk)
        following = rows.filter(pk__lt=key(chunk[-1]))


def _is_readable(prediction: Prediction) -> bool:
    try:
        read_json_row(prediction.schema, prediction.inputs)
    except InvalidRecord:
        return False
    return True


TOLERANCE = 1e-12


@dataclass(slots=True)
class Proof:
    """How exactly a version reproduces its own stored predictions.

    Attributes
    ----------
    problem
        Why the version cannot be loaded.
    unreadable
        Rows whose stored inputs break one of today's rules.
    largest, furthest
        The largest difference of a probability, and the prediction with it.
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
        """Score rows of this version again, and compare."""
        readable = [row for row in rows if row.readable]
        self.unreadable += len(rows) - len(readable)
        if self.predictor is None or not readable:
            return
        self.checked += len(readable)
        inputs = [row.prediction.inputs for row in readable]
        names = self.predictor.schema.columns
        scores = self.predictor.score({name: [values[name] for values in inputs] for name in names})
        for place, (row, probability) in enumerate(zip(readable, scores.probability, strict=True)):
            self._compare(row, probability, scores.gaps(place))

    def _compare(self, row: StoredRow, probability: float, gaps: ProbabilityBounds | None) -> None:
        then = row.prediction.referring_remarks, row.prediction.held  # as they were remarked on then
        outcome = row.outcome(probability, gaps, *then)
        self.outcomes_differing += outcome != row.prediction.outcome
        difference = abs(probability - row.prediction.approval_probability)
        if difference > self.largest:
            self.largest, self.furthest = difference, row.prediction.pk


class Reproduction:
    """The proofs of all versions of the checked rows. Each artefact is verified and loaded once."""

    def __init__(self) -> None:
        self._proofs: dict[int, Proof] = {}

    def check(self, rows: Sequence[StoredRow]) -> None:
        by_version = defaultdict(list)
        for row in rows:
            by_version[row.prediction.model_version_id].append(row)
        for version_id, rows_of_version in by_version.items():
            if version_id not in self._proofs:
                self._proofs[version_id] = _new_proof(version_id)
            self._proofs[version_id].check(rows_of_version)

    def proofs(self) -> list[Proof]:
        """Return the proofs, newest version first."""
        return [self._proofs[version_id] for version_id in sorted(self._proofs, reverse=True)]


def _new_proof(version_id: int) -> Proof:
    version = ModelVersion.objects.defer("report").get(pk=version_id)
    try:
        return Proof(version, active_model.open_version(version).predictor)
    except ArtefactError as error:
        return Proof(version, problem=str(error))
