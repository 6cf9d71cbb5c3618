"""The answers of the gate: single checks, and the verdict that they make together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Check:
    """One question of the gate.

    Attributes
    ----------
    outcome : str
        ``"passed"``, ``"warning"`` or ``"refused"``.
    """

    name: str
    outcome: str
    detail: str

    def unblocked(self) -> "Check":
        """Return the check as a warning where it would refuse."""
        return Check(self.name, "warning", self.detail) if self.outcome == "refused" else self


@dataclass(frozen=True, slots=True)
class Verdict:
    """All checks of one candidate."""

    checks: tuple[Check, ...]

    @property
    def refused(self) -> bool:
        return any(check.outcome == "refused" for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as plain JSON values."""
        listed = [
            {"name": check.name, "outcome": check.outcome, "detail": check.detail} for check in self.checks
        ]
        return {"refused": self.refused, "checks": listed}


def difference_words(gap: Mapping[str, float], digits: int = 4) -> str:
    """Write a difference with its 95 % interval."""
    return f"{gap['mean']:+.{digits}f} [{gap['low']:+.{digits}f} {gap['high']:+.{digits}f}]"
