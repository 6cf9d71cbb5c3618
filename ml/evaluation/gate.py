"""May a candidate take the place of the active model? Judged on both versions' training tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.errors import ArtefactError
from ml.evaluation import gate_checks
from ml.evaluation.gate_checks import GateCheck, GateVerdict, difference_words
from ml.evaluation.metrics import summarise_folds
from ml.evaluation.side_by_side import ComparedVersion, Interval, auc_difference, log_loss_difference
from ml.tables.frames import Dataset

# Log loss above the one rule's: the article's forest, at about 0.003, passes with a warning.
MAX_LOSS_ABOVE_RULE = 0.02
# Log loss above the active version's on that one's table: honest retrainings stay within 0.01 of it, while a
# quarter of turned labels, or every woman denied, cost more than 0.05.
MAX_LOSS_ABOVE_ACTIVE = 0.04


@dataclass(frozen=True, slots=True)
class UnreadableTable:
    """An active version whose training table cannot be read any more.

    Attributes
    ----------
    why : str
        A sentence.
    approval_rate : float
        The share of approved rows, which its report has kept.
    """

    name: str
    why: str
    approval_rate: float


def fold_difference(own: Sequence[float], other: Sequence[float], folds: int) -> Interval:
    """Return mean and 95 % interval of ``own - other`` over the folds of repeated cross-validation.

    The interval is corrected for folds that share rows (see
    `ml.evaluation.metrics.corrected_resampled_interval`).

    Parameters
    ----------
    own, other : sequence of float, each of length repeats * folds
        One figure per fold, of the same folds.
    """
    return summarise_folds(np.subtract(own, other).tolist(), 1 / folds)


def judge_candidate(
    validation: Mapping[str, Any],
    recipe: str,
    candidate: ComparedVersion,
    active: ComparedVersion | UnreadableTable | None,
    *,
    blocks: bool,
    synthetic: bool = False,
) -> GateVerdict:
    """Judge a candidate.

    Parameters
    ----------
    validation : mapping
        The candidate's ``report["cross_validation"]``.
    recipe : str
        The candidate's recipe.
    active : Version, LostTable or None
        The active version; ``None`` when there is none.
    blocks : bool
        Whether the active version can block; if not, nothing is refused and every refusal is a warning.
    synthetic : bool
        Whether the candidate was trained on synthetic sample data.
    """
    models, folds = validation["models"], validation["folds"]
    own = models[recipe]["folds"]
    checks = [
        _learned(fold_difference(own["log_loss"], models["majority"]["folds"]["log_loss"], folds)),
        _beside_rule(fold_difference(own["log_loss"], models["one_rule"]["folds"]["log_loss"], folds)),
        gate_checks.check_size(*candidate.different_rows),
        *_beside(candidate, active),
    ]
    if not blocks:
        return GateVerdict(tuple(check.unblocked() for check in checks))
    return GateVerdict((*checks, *([_SYNTHETIC] if synthetic else [])))


_SYNTHETIC = GateCheck(
    "training data", "refused", "It was trained on synthetic sample data, and the active version was not."
)


def _learned(gap: Interval) -> GateCheck:
    """A model that predicts no better than the approval rate has learned nothing, as on shuffled labels."""
    better = gap["high"] < 0
    detail = f"Log loss {difference_words(gap)} against the majority class, which it must beat."
    return GateCheck("learned something", "passed" if better else "refused", detail)


def _beside_rule(gap: Interval) -> GateCheck:
    detail = (
        f"Log loss {difference_words(gap)} against the one rule on credit history; "
        f"{MAX_LOSS_ABOVE_RULE:+} is allowed."
    )
    if gap["mean"] > MAX_LOSS_ABOVE_RULE:
        return GateCheck("one rule", "refused", detail)
    return GateCheck("one rule", "warning" if gap["mean"] > 0 else "passed", detail)


def _beside(
    candidate: ComparedVersion, active: ComparedVersion | UnreadableTable | None
) -> Iterator[GateCheck]:
    if active is None:
        return
    own_rate = float(candidate.dataset.y.mean())
    if isinstance(active, UnreadableTable):
        yield gate_checks.check_approval_rate(own_rate, active.approval_rate, active.name)
        yield _unknown(active)
        return
    yield from _on_table(candidate, active, active.dataset, f"{active.name}'s table", decides=True)
    if candidate.dataset.digest != active.dataset.digest:
        try:
            yield from _on_table(candidate, active, candidate.dataset, "its own table", decides=False)
        except ArtefactError as error:  # every row of the other table has an out-of-fold probability
            detail = f"On its own table, {active.name} cannot be asked: {error}"
            yield GateCheck("log loss", "warning", detail)
    yield gate_checks.check_approval_rate(own_rate, float(active.dataset.y.mean()), active.name)
    yield gate_checks.check_medians(candidate.dataset, active.dataset, active.name)
    yield gate_checks.check_missing_values(candidate.dataset, active.dataset, active.name)
    yield gate_checks.check_labels(candidate, active)


def _unknown(active: UnreadableTable) -> GateCheck:
    detail = (
        f"The gate cannot tell whether this version is worse than {active.name}, whose training table cannot "
        f"be read: {active.why} Log loss, ROC-AUC, medians, missing values and groups are not compared."
    )
    return GateCheck("active version's table", "warning", detail)


def _on_table(
    candidate: ComparedVersion, active: ComparedVersion, table: Dataset, where: str, *, decides: bool
) -> Iterator[GateCheck]:
    """Compare both versions on one table; only the active version's `decides`.

    Spoiled labels look good on the table that has them: there a candidate is better by 0.05 to 0.11.
    """
    own, other = candidate.probabilities(table), active.probabilities(table)
    on = f"On {where} ({len(table.y):,} rows)"
    yield _log_loss(log_loss_difference(own, other, table.y), on, active.name, decides)
    gap = auc_difference(own, other, table.y)
    outcome = "warning" if gap["high"] < 0 else "passed"
    detail = f"{on}: ROC-AUC {difference_words(gap)} against {active.name}; significantly lower is a warning."
    yield GateCheck("ROC-AUC", outcome, detail)
    yield gate_checks.check_predictions(own, other, table, on, active.name)


def _log_loss(gap: Interval, on: str, name: str, decides: bool) -> GateCheck:
    worse = gap["low"] > 0
    limit = f"significantly higher is a warning, and above {MAX_LOSS_ABOVE_ACTIVE:+} refused"
    detail = (
        f"{on}: log loss {difference_words(gap)} against {name}; "
        f"{limit if decides else 'significantly higher is a warning'}."
    )
    refused = decides and worse and gap["mean"] > MAX_LOSS_ABOVE_ACTIVE
    return GateCheck("log loss", "refused" if refused else "warning" if worse else "passed", detail)
