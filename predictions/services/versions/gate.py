"""The gate that a candidate must pass, and requests to compare it with the active version.

The worker makes the comparisons (`comparisons`).
"""

from typing import NamedTuple

from ml.evaluation import ONE_TABLE
from predictions.errors import Conflict, GateRefused, NotCompared, StoredVerdict
from predictions.models import Comparison, ModelVersion
from predictions.services.writing import worker_queue
from predictions.services.writing.worker_queue import BROKEN, RUNNING, WAITING


class GateResult(NamedTuple):
    """How a version passed the gate: the verdict, if there is one, and whether it was overridden."""

    verdict: StoredVerdict | None
    overridden: bool


def is_judged(version: ModelVersion) -> bool:
    """Return True for candidates. A retired version passed the gate before."""
    return bool(version.status == ModelVersion.Status.CANDIDATE)


def can_block(incumbent: ModelVersion | None) -> bool:
    """Return True if the active version can keep a candidate out. One trained on synthetic data cannot."""
    return incumbent is not None and not incumbent.synthetic


def compared_on_one_table(verdict: StoredVerdict | None) -> bool:
    """Return True if the active version's table could not be used: then the reason must stand on its own."""
    return verdict is not None and any(check["name"] == ONE_TABLE for check in verdict["checks"])


def newest_comparison(candidate: ModelVersion, incumbent: ModelVersion | None) -> Comparison | None:
    """Return the newest comparison by today's rules. Without an incumbent: of the candidate alone."""
    return candidate.comparisons.filter(incumbent=incumbent, rules=Comparison.RULES).first()


def pass_gate(*, candidate: ModelVersion, incumbent: ModelVersion | None, override: bool) -> GateResult:
    """Return how a version passes the gate.

    Raises
    ------
    GateRefused
        If the gate refuses the candidate, and `override` is False.
    NotCompared
        If there is no verdict, and `override` is False.
    """
    if not is_judged(candidate):
        return GateResult(None, overridden=False)
    comparison = newest_comparison(candidate, incumbent)
    verdict = comparison.verdict if comparison else None
    if not can_block(incumbent) or (verdict and not verdict["refused"]):
        return GateResult(verdict, overridden=False)
    if override:
        return GateResult(verdict, overridden=True)
    if verdict is None:
        raise NotCompared(_describe_missing_verdict(candidate, incumbent, comparison))
    raise GateRefused(verdict)


def _describe_missing_verdict(
    candidate: ModelVersion, incumbent: ModelVersion | None, comparison: Comparison | None
) -> str:
    pair = f"Version {candidate.pk} has not been compared with version {incumbent.pk if incumbent else '?'}"
    return f"{pair}, the active one: {comparison.error if comparison else 'request the comparison first.'}"


def request_comparison(*, candidate: ModelVersion) -> None:
    """Queue the comparison unless it is queued already. Raises `Conflict` if the version is no candidate."""
    if not is_judged(candidate):
        raise Conflict(f"Version {candidate.pk} is {candidate.status}: only candidates are compared.")
    if comparison_state(candidate) not in (WAITING, RUNNING):
        worker_queue.enqueue("compare", candidate.pk)


def comparison_state(candidate: ModelVersion) -> str:
    """Return the state of the newest request: waiting, running or broken; empty if none of these."""
    requests = worker_queue.results("compare", candidate.pk)
    newest: str | None = requests.order_by("-enqueued_at").values_list("status", flat=True).first()
    return newest if newest in (WAITING, RUNNING, BROKEN) else ""
