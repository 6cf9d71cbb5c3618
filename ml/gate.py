"""May a candidate take the place of the active model? Judged on the candidate's own data and folds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.evaluation import figure
from ml.metric_words import LOWER_IS_BETTER, title
from ml.report import HEADLINE

# Log loss above the one rule's: the article's forest, at about 0.003, passes with a warning.
MOST_ABOVE_RULE = 0.02


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


def difference(own: Sequence[float], other: Sequence[float], folds: int) -> dict[str, float]:
    """Return mean and 95 % interval of ``own - other`` over the folds of repeated cross-validation.

    The interval is corrected for folds that share rows (see `ml.evaluation.corrected_interval`).

    Parameters
    ----------
    own, other : sequence of float, each of length repeats * folds
        One figure per fold, of the same folds.
    """
    return figure(np.subtract(own, other).tolist(), 1 / folds)


def judge(
    validation: Mapping[str, Any],
    recipe: str,
    incumbent: Mapping[str, Sequence[float]] | None,
    *,
    synthetic: bool = False,
) -> Verdict:
    """Judge a candidate.

    Parameters
    ----------
    validation : mapping
        The candidate's ``report["cross_validation"]``.
    recipe : str
        The candidate's recipe.
    incumbent : mapping or None
        Figures of the active model by name, one per fold of the same folds; ``None`` when no active version
        can block.
    synthetic : bool
        Whether the candidate was trained on synthetic sample data.
    """
    models, folds = validation["models"], validation["folds"]
    own = models[recipe]["folds"]
    checks = [
        _learned(difference(own["log_loss"], models["majority"]["folds"]["log_loss"], folds)),
        _beside_rule(difference(own["log_loss"], models["one_rule"]["folds"]["log_loss"], folds)),
    ]
    if incumbent is None:
        return Verdict(tuple(_unblocked(check) for check in checks))
    return Verdict((*checks, *_beside_incumbent(own, incumbent, folds), *([_SYNTHETIC] if synthetic else [])))


_SYNTHETIC = Check(
    "training data", "refused", "It was trained on synthetic sample data, and the active version was not."
)


def _learned(gap: dict[str, float]) -> Check:
    """A model that predicts no better than the approval rate has learned nothing, as on shuffled labels."""
    better = gap["high"] < 0
    detail = f"Log loss {_words(gap)} against the majority class, which it must beat."
    return Check("learned something", "passed" if better else "refused", detail)


def _beside_rule(gap: dict[str, float]) -> Check:
    detail = f"Log loss {_words(gap)} against the one rule on credit history; {MOST_ABOVE_RULE:+} is allowed."
    if gap["mean"] > MOST_ABOVE_RULE:
        return Check("one rule", "refused", detail)
    return Check("one rule", "warning" if gap["mean"] > 0 else "passed", detail)


def _beside_incumbent(
    own: Mapping[str, Sequence[float]], incumbent: Mapping[str, Sequence[float]], folds: int
) -> list[Check]:
    """Refuse what is significantly worse in any figure; a worse mean alone is a warning."""
    checks = []
    for metric in HEADLINE:
        gap = difference(own[metric], incumbent[metric], folds)
        worse = 1 if metric in LOWER_IS_BETTER else -1
        significant = gap["low"] > 0 if worse > 0 else gap["high"] < 0
        outcome = "refused" if significant else "warning" if gap["mean"] * worse > 0 else "passed"
        detail = f"{title(metric)} {_words(gap)} against the active version."
        checks.append(Check("active version", outcome, detail))
    return checks


def _unblocked(check: Check) -> Check:
    return Check(check.name, "warning", check.detail) if check.outcome == "refused" else check


def _words(gap: dict[str, float]) -> str:
    return f"{gap['mean']:+.4f} [{gap['low']:+.4f} {gap['high']:+.4f}]"
