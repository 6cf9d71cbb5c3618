"""The gate between candidate and active version: what it has said, and asking it."""

from typing import Any, NamedTuple

from predictions.errors import Conflict, GateRefused, NotCompared
from predictions.models import Comparison, ModelVersion
from predictions.services.writing import worker_queue
from predictions.services.writing.worker_queue import BROKEN, RUNNING, WAITING


class GateResult(NamedTuple):
    """What let a version through: the verdict, if there is one, and whether somebody overrode the gate."""

    verdict: dict[str, Any] | None
    overridden: bool


def is_judged(version: ModelVersion) -> bool:
    """Only candidates: a retired version was let through before."""
    return bool(version.status == ModelVersion.Status.CANDIDATE)


def can_block(incumbent: ModelVersion | None) -> bool:
    """Tell whether a candidate must stand up to the active version; one of sample data never blocks."""
    return incumbent is not None and not incumbent.synthetic


def newest_comparison(candidate: ModelVersion, incumbent: ModelVersion | None) -> Comparison | None:
    """Return the newest comparison of the two by the rules of today, or of the candidate alone."""
    return candidate.comparisons.filter(incumbent=incumbent, rules=Comparison.RULES).first()


def pass_gate(*, candidate: ModelVersion, incumbent: ModelVersion | None, override: bool) -> GateResult:
    """Let a version through or not.

    Raises
    ------
    Refused, NotCompared
        Unless it is overridden.
    """
    if not is_judged(candidate):
        return GateResult(None, overridden=False)
    found = newest_comparison(candidate, incumbent)
    verdict = found.verdict if found else None
    if not can_block(incumbent) or (verdict and not verdict["refused"]):
        return GateResult(verdict, overridden=False)
    if override:
        return GateResult(verdict, overridden=True)
    if verdict is None:
        raise NotCompared(_why_not(candidate, incumbent, found))
    raise GateRefused(verdict)


def _why_not(candidate: ModelVersion, incumbent: ModelVersion | None, found: Comparison | None) -> str:
    pair = f"Version {candidate.pk} has not been compared with version {incumbent.pk if incumbent else '?'}"
    return f"{pair}, the active one: {found.error if found else 'ask for the comparison first.'}"


def request_comparison(*, candidate: ModelVersion) -> None:
    """Queue the comparison unless it is queued already; raises `Conflict` for any but a candidate."""
    if not is_judged(candidate):
        raise Conflict(f"Version {candidate.pk} is {candidate.status}: only candidates are compared.")
    if comparison_state(candidate) not in (WAITING, RUNNING):
        worker_queue.enqueue("compare", candidate.pk)


def comparison_state(candidate: ModelVersion) -> str:
    """Return what became of the newest wish: waiting, running, broken, or empty when nothing is owed."""
    wishes = worker_queue.results("compare", candidate.pk)
    newest: str | None = wishes.order_by("-enqueued_at").values_list("status", flat=True).first()
    return newest if newest in (WAITING, RUNNING, BROKEN) else ""
