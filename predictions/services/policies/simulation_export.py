"""The flips of a simulated policy as CSV; who took them out, and how many, goes on record."""

from collections.abc import Iterator
from typing import Any

from ml.applications.schema import LOAN_ID
from predictions.models import Prediction
from predictions.models.querysets import Caller
from predictions.services.policies import policies
from predictions.services.policies.simulation import Flip, Simulation, cases
from predictions.services.writing import audit
from predictions.services.writing.csv_exports import recorded
from predictions.words.times import site_time

HEADER = (
    *("id", LOAN_ID, "created_at", "model_version", "approval_probability", "stored_outcome"),
    *("outcome_in_force", "outcome_proposed"),
)


def asked(simulation: Simulation) -> dict[str, Any]:
    """Return for the record what was simulated, and on which predictions."""
    chosen = simulation.selection
    days = {"since": chosen.since, "until": chosen.until}
    return {
        **policies.numbers(simulation.proposed),
        "in_force": simulation.in_force.pk,
        "newest": chosen.newest,
        **{name: day.isoformat() if day else None for name, day in days.items()},
    }


def export(*, simulation: Simulation, by: Caller | None) -> Iterator[str]:
    """Return the lines of the file. Recorded before the first one, and with their number after the last."""
    action, wish = "policy simulation download", asked(simulation)
    audit.record(by=by, action=action, detail=wish)
    rows = (_cells(*case) for case in cases(simulation.flips()))
    return recorded(action=action, by=by, asked=wish, header=HEADER, rows=rows)


def _cells(flip: Flip, prediction: Prediction) -> tuple[object, ...]:
    return (
        flip.pk,
        prediction.loan_id,
        site_time(prediction.created_at).isoformat(),
        prediction.model_version_id,
        flip.probability,
        prediction.outcome,
        flip.before,
        flip.after,
    )
