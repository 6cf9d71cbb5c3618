"""The gate between candidate and active version: what it has said, and asking it."""

from typing import Any, NamedTuple

from predictions.errors import NotCompared, Refused
from predictions.models import Comparison, ModelVersion


class Answer(NamedTuple):
    """What let a version through: the verdict, if there is one, and whether somebody overrode the gate."""

    verdict: dict[str, Any] | None
    overridden: bool


def judges(version: ModelVersion) -> bool:
    """Only candidates: a retired version was let through before."""
    return bool(version.status == ModelVersion.Status.CANDIDATE)


def blocks(incumbent: ModelVersion | None) -> bool:
    """Tell whether a candidate must stand up to the active version; one of sample data never blocks."""
    return incumbent is not None and not incumbent.synthetic


def comparison(candidate: ModelVersion, incumbent: ModelVersion | None) -> Comparison | None:
    """Return the newest comparison of the two by the rules of today, or of the candidate alone."""
    return candidate.comparisons.filter(incumbent=incumbent, rules=Comparison.RULES).first()


def ask(*, candidate: ModelVersion, incumbent: ModelVersion | None, override: bool) -> Answer:
    """Let a version through or not.

    Raises
    ------
    Refused, NotCompared
        Unless it is overridden.
    """
    if not judges(candidate):
        return Answer(None, overridden=False)
    found = comparison(candidate, incumbent)
    verdict = found.verdict if found else None
    if not blocks(incumbent) or (verdict and not verdict["refused"]):
        return Answer(verdict, overridden=False)
    if override:
        return Answer(verdict, overridden=True)
    if verdict is None:
        raise NotCompared(_why_not(candidate, incumbent, found))
    raise Refused(verdict)


def _why_not(candidate: ModelVersion, incumbent: ModelVersion | None, found: Comparison | None) -> str:
    pair = f"Version {candidate.pk} has not been compared with version {incumbent.pk if incumbent else '?'}"
    return f"{pair}, the active one: {found.error if found else 'ask for the comparison first.'}"
