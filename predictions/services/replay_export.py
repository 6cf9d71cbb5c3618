"""The flips of a replay as CSV; who took them out, and how many, goes on record."""

from collections.abc import Iterator
from typing import Any

from ml.schema import LOAN_ID
from predictions.csv_safe import lines
from predictions.models import Prediction
from predictions.models.owned import Caller
from predictions.services import audit
from predictions.services.replay import Flip, Replay

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
    return _counted(replay, by, detail)


def _counted(replay: Replay, by: Caller | None, detail: dict[str, Any]) -> Iterator[str]:
    cases = 0
    try:
        yield from lines([HEADER])
        for line in lines(map(_cells, replay.flips())):
            cases += 1
            yield line
    finally:
        audit.record(by=by, action="replay download ended", detail=detail | {"cases": cases})


def _cells(flip: Flip) -> tuple[object, ...]:
    prediction = flip.prediction
    return (
        prediction.pk,
        prediction.applicant.loan_id,
        prediction.created_at.isoformat(),
        prediction.model_version_id,
        prediction.threshold,
        prediction.approval_probability,
        prediction.outcome,
        flip.probability,
        flip.outcome,
        _sentence(prediction.reasons),
        _sentence(flip.reasons),
    )


def _sentence(reasons: list[Any]) -> str:
    """Write all reasons with their weights in log-odds, most adverse first."""
    return "; ".join(f"{reason['text']} ({reason['contribution']:+.4f})" for reason in reasons)
