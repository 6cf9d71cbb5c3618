"""The gate between candidate and active version: what it has said, and asking it."""

from typing import Any

from predictions.errors import NotCompared, Refused
from predictions.models import Comparison, ModelVersion


def judges(version: ModelVersion) -> bool:
    """Only candidates: a retired version was let through before."""
    return bool(version.status == ModelVersion.Status.CANDIDATE)


def blocks(incumbent: ModelVersion | None) -> bool:
    """Tell whether a candidate must stand up to the active version; one of sample data never blocks."""
    return incumbent is not None and not incumbent.synthetic


def comparison(candidate: ModelVersion, incumbent: ModelVersion | None) -> Comparison | None:
    """Return the newest comparison of the two, or of the candidate alone when nothing can block it."""
    opponent = incumbent if blocks(incumbent) else None
    return candidate.comparisons.filter(incumbent=opponent).first()


def ask(*, candidate: ModelVersion, incumbent: ModelVersion | None, override: bool) -> dict[str, Any] | None:
    """Return the verdict on a candidate, ``None`` for a version that is not judged.

    Raises
    ------
    Refused, NotCompared
        Unless it is overridden.
    """
    if not judges(candidate):
        return None
    found = comparison(candidate, incumbent)
    verdict: dict[str, Any] | None = found.verdict if found else None
    if override or not blocks(incumbent):
        return verdict
    if verdict is None:
        raise NotCompared(_why_not(candidate, incumbent, found))
    if verdict["refused"]:
        raise Refused(verdict)
    return verdict


def _why_not(candidate: ModelVersion, incumbent: ModelVersion | None, found: Comparison | None) -> str:
    pair = f"Version {candidate.pk} has not been compared with version {incumbent.pk if incumbent else '?'}"
    return f"{pair}, the active one: {found.error if found else 'ask for the comparison first.'}"
