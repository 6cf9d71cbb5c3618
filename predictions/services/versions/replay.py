"""Replay before activation: stored predictions scored again with another version, and what would change."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol, TypeVar

from django.db.models import prefetch_related_objects

from ml.applications.plausibility import referring
from ml.applications.records import columns_of
from ml.errors import ArtefactError
from predictions.errors import ModelUnreadable
from predictions.live import active_model
from predictions.models import ModelVersion, Prediction
from predictions.services.versions.replay_counts import Counts
from predictions.services.versions.reproduction import Proof, Reproduction
from predictions.services.versions.stored_rows import StoredRow, chunks

AnyFlip_co = TypeVar("AnyFlip_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Flip:
    """A stored prediction whose outcome would be another one, and what the candidate says of it."""

    prediction: Prediction
    probability: float
    outcome: str
    reasons: list[Any]


class Replay:
    """A walk with a candidate through the newest predictions, or through all of them.

    Counts and proofs are complete when `flips` is through. Only flips are handed out, so that memory does
    not grow with the number of rows.

    Raises
    ------
    ModelUnreadable
        When the candidate's artefact cannot be trusted.
    """

    def __init__(self, *, candidate: ModelVersion, newest: int | None = None) -> None:
        self.candidate, self.newest = candidate, newest
        self.counts = Counts()
        self._reproduction = Reproduction()
        try:
            loaded = active_model.open_version(candidate)
        except ArtefactError as error:
            raise ModelUnreadable(f"Version {candidate.pk} cannot be loaded: {error}") from error
        self._model = active_model.as_active(candidate, loaded)

    @property
    def proofs(self) -> list[Proof]:
        """Say of each version met on the way whether it still gives what was stored of it."""
        return self._reproduction.proofs()

    def flips(self) -> Iterator[Flip]:
        """Walk once, newest first. Each prediction is held to its own policy."""
        for rows in chunks(self.newest):
            self._reproduction.check(rows)
            good = [row for row in rows if row.record is not None]
            if good:
                yield from self._rescore(good)

    def _rescore(self, rows: Sequence[StoredRow]) -> list[Flip]:
        columns = columns_of([row.record for row in rows])
        scores, remarks = self._model.predictor.score(columns), self._model.remarks(columns)
        flips = []
        for place, (row, probability) in enumerate(zip(rows, scores.probability, strict=True)):
            may_refer = referring(remarks.get(place, ()), row.record.coapplicant_income)
            outcome = row.outcome(probability, scores.gaps(place), may_refer)
            self.counts.add(row.prediction, probability, outcome)
            if outcome != row.prediction.outcome:
                reasons = scores.explanation(place).reasons
                flips.append(Flip(row.prediction, probability, outcome, reasons))
        prefetch_related_objects([flip.prediction for flip in flips], "explanation")
        return flips


class Walk(Protocol[AnyFlip_co]):
    """A walk through stored predictions, newest first, that hands out those which flip."""

    def flips(self) -> Iterator[AnyFlip_co]: ...


def walk(rows: Walk[AnyFlip_co], keep: int) -> list[AnyFlip_co]:
    """Walk to the end and return the newest flips, at most `keep`."""
    flips = rows.flips()
    kept = list(islice(flips, keep))
    deque(flips, maxlen=0)
    return kept
