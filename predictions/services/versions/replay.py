"""Replay: score stored predictions again with another version, to see which outcomes would change.

The changed outcomes can be exported as CSV. The audit log records the export and its number of lines.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol, TypeVar

from ml.applications.plausibility import referring_remarks
from ml.applications.types import Value
from ml.errors import ArtefactError
from ml.schemas.schema import LOAN_ID, Schema
from ml.scorecard.scores import Reason
from predictions.errors import ModelUnreadable
from predictions.live import active_model
from predictions.models import Explanation, ModelVersion, Prediction
from predictions.models.querysets import AnyUser
from predictions.services.versions.stored_rows import Proof, Reproduction, StoredRow, iter_chunks
from predictions.services.writing import audit
from predictions.services.writing.audit import audited_csv_lines, reasons_sentence
from predictions.words.policies import labelled_groups
from predictions.words.times import site_time


@dataclass(slots=True)
class ReplayTally:
    """Counts of a group's rows. `shift` is the sum of new minus old probability."""

    replayed: int = 0
    approved_before: int = 0
    approved_after: int = 0
    to_approved: int = 0
    to_denied: int = 0
    to_refer: int = 0
    shift: float = 0.0

    def add(self, prediction: Prediction, probability: float, outcome: str) -> None:
        before = prediction.outcome
        self.replayed += 1
        self.approved_before += before == "approved"
        self.approved_after += outcome == "approved"
        self.to_approved += outcome == "approved" != before
        self.to_denied += outcome == "denied" != before
        self.to_refer += outcome == "refer" != before
        self.shift += probability - prediction.approval_probability

    @property
    def flipped(self) -> int:
        return self.to_approved + self.to_denied + self.to_refer

    @property
    def unchanged(self) -> int:
        return self.replayed - self.flipped

    @property
    def mean_shift(self) -> float:
        return self.shift / self.replayed if self.replayed else 0.0


@dataclass(slots=True)
class ReplayCounts:
    """Counts of all rows together, and by each value of the group columns (``None`` if missing)."""

    schema: Schema
    total: ReplayTally = field(default_factory=ReplayTally)
    groups: dict[str, dict[Value, ReplayTally]] = field(init=False)

    def __post_init__(self) -> None:
        self.groups = {name: {} for name in self.schema.group_columns}

    def add(self, prediction: Prediction, probability: float, outcome: str) -> None:
        self.total.add(prediction, probability, outcome)
        for column, tallies in self.groups.items():
            group = self.schema.by_column[column].group_of(prediction.inputs.get(column))
            tally = tallies.setdefault(group, ReplayTally())
            tally.add(prediction, probability, outcome)

    def by_group(self) -> Iterator[tuple[str, list[tuple[str, ReplayTally]]]]:
        """Yield the label of each group column with the tallies of its groups."""
        for column, tallies in self.groups.items():
            yield labelled_groups(self.schema.by_column[column], tallies)


AnyFlip_co = TypeVar("AnyFlip_co", covariant=True)


@dataclass(frozen=True, slots=True)
class ReplayFlip:
    """A stored prediction whose outcome would change, and what the candidate says of it."""

    prediction: Prediction
    probability: float
    outcome: str
    reasons: list[Reason]


class Replay:
    """A replay of the `newest` predictions, or of all, of a candidate's product.

    `counts` and `proofs` are complete when the iterator of `flips` is exhausted. It yields changed
    predictions only, so that memory does not grow with the number of rows.

    Raises
    ------
    ModelUnreadable
        If the candidate's artefact cannot be trusted.
    """

    def __init__(self, *, candidate: ModelVersion, newest: int | None = None) -> None:
        self.candidate, self.newest = candidate, newest
        self._reproduction = Reproduction()
        try:
            loaded = active_model.open_version(candidate)
        except ArtefactError as error:
            raise ModelUnreadable(f"Version {candidate.pk} cannot be loaded: {error}") from error
        self._model = active_model.as_active(candidate, loaded)
        self.counts = ReplayCounts(self._model.schema)

    @property
    def proofs(self) -> list[Proof]:
        """For each version of the replayed predictions: whether it reproduces what it predicted."""
        return self._reproduction.proofs()

    def flips(self) -> Iterator[ReplayFlip]:
        """Yield the changed predictions, newest first. The policy of each prediction decides its outcome."""
        for rows in iter_chunks(self.candidate.product_key, self.newest):
            self._reproduction.check(rows)
            yield from self._rescore([row for row in rows if row.readable])

    def _rescore(self, rows: Sequence[StoredRow]) -> list[ReplayFlip]:
        if not rows:
            return []
        schema = self._model.schema
        inputs = [{name: row.prediction.inputs.get(name) for name in schema.columns} for row in rows]
        columns = {name: [values[name] for values in inputs] for name in schema.columns}
        scores, remarks = self._model.predictor.score(columns), self._model.remarks(columns)
        flips = []
        for place, (row, probability) in enumerate(zip(rows, scores.probability, strict=True)):
            referring = referring_remarks(schema, remarks.get(place, ()), inputs[place])
            held = row.prediction.policy.rule.held(schema, inputs[place])
            outcome = row.outcome(probability, scores.gaps(place), referring, held)
            self.counts.add(row.prediction, probability, outcome)
            if outcome != row.prediction.outcome:
                reasons = list(scores.explanation(place).reasons)
                flips.append(ReplayFlip(row.prediction, probability, outcome, reasons))
        _read_explanations([flip.prediction for flip in flips])
        return flips


def _read_explanations(predictions: Sequence[Prediction]) -> None:
    """Read the explanations of many predictions at once: Django's prefetch is too deep a query for SQLite."""
    read = Explanation.objects.in_bulk({prediction.explanation_id for prediction in predictions})
    for prediction in predictions:
        prediction.explanation = read[prediction.explanation_id]


class FlipSource(Protocol[AnyFlip_co]):
    """A replay or simulation, which yields changed predictions, newest first."""

    def flips(self) -> Iterator[AnyFlip_co]: ...


def collect_flips(source: FlipSource[AnyFlip_co], limit: int) -> list[AnyFlip_co]:
    """Run a replay or simulation to its end, and return the newest `limit` changes."""
    flips = source.flips()
    newest = list(islice(flips, limit))
    deque(flips, maxlen=0)
    return newest


REPLAY_HEADER = (
    *("id", LOAN_ID, "created_at", "model_version", "threshold"),
    *("old_probability", "old_outcome", "new_probability", "new_outcome", "old_reasons", "new_reasons"),
)


def export_replay(*, replay: Replay, by: AnyUser | None) -> Iterator[str]:
    """Return the lines of the file. The audit log records the export, and later how many cases were sent.

    An interrupted download is recorded with the number of lines that were sent.
    """
    requested = {"version": replay.candidate.pk, "newest": replay.newest}
    stored = Prediction.objects.of_product(replay.candidate.product_key).count()
    predictions = stored if replay.newest is None else min(stored, replay.newest)
    audit.record(by=by, action="replay download", detail=requested | {"predictions": predictions})
    return audited_csv_lines(
        action="replay download",
        by=by,
        asked=requested,
        header=REPLAY_HEADER,
        rows=map(_cells, replay.flips()),
    )


def _cells(flip: ReplayFlip) -> tuple[object, ...]:
    prediction = flip.prediction
    return (
        prediction.pk,
        prediction.loan_id,
        site_time(prediction.created_at).isoformat(),
        prediction.model_version_id,
        prediction.threshold,
        prediction.approval_probability,
        prediction.outcome,
        flip.probability,
        flip.outcome,
        reasons_sentence(prediction.reasons),
        reasons_sentence(flip.reasons),
    )
