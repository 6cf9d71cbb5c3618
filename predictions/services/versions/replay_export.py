"""The flips of a replay as CSV; who took them out, and how many, goes on record."""

from collections.abc import Iterator

from ml.applications.schema import LOAN_ID
from predictions.models import Prediction
from predictions.models.querysets import Caller
from predictions.services.versions.replay import Flip, Replay
from predictions.services.writing import audit
from predictions.services.writing.csv_exports import recorded, sentence
from predictions.words.times import site_time

HEADER = (
    *("id", LOAN_ID, "created_at", "model_version", "threshold"),
    *("old_probability", "old_outcome", "new_probability", "new_outcome", "old_reasons", "new_reasons"),
)


def export(*, replay: Replay, by: Caller | None) -> Iterator[str]:
    """Return the lines of the file. Recorded before the first one, and with their number after the last.

    Lines that are not asked for any more are not counted: a broken download says how far it came.
    """
    detail = {"version": replay.candidate.pk, "newest": replay.newest}
    stored = Prediction.objects.count()
    predictions = stored if replay.newest is None else min(stored, replay.newest)
    audit.record(by=by, action="replay download", detail=detail | {"predictions": predictions})
    rows = map(_cells, replay.flips())
    return recorded(action="replay download", by=by, asked=detail, header=HEADER, rows=rows)


def _cells(flip: Flip) -> tuple[object, ...]:
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
        sentence(prediction.reasons),
        sentence(flip.reasons),
    )
