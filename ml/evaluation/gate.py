"""The gate: may a candidate replace the active version? Both versions' training tables decide."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from ml.errors import ArtefactError
from ml.evaluation import ONE_TABLE, gate_checks, gate_groups
from ml.evaluation.gate_checks import GateCheck, GateVerdict, difference_words
from ml.evaluation.metrics import FoldValues, summarise_folds
from ml.evaluation.side_by_side import ComparedVersion, Interval, auc_difference, log_loss_difference
from ml.schemas.schema import Target
from ml.tables.frames import Dataset

# Mean log loss above the one-rule baseline's. The article's forest (about 0.003) passes with a warning.
MAX_LOSS_ABOVE_RULE = 0.02
# Mean log loss above the active version's on the active version's table. Honest retrainings stay within 0.01;
# flipping a quarter of the labels, or denying every woman, costs more than 0.05.
MAX_LOSS_ABOVE_ACTIVE = 0.04


@dataclass(frozen=True, slots=True)
class UnreadableTable:
    """An active version whose training table can no longer be read.

    Attributes
    ----------
    why : str
        The fault, a sentence.
    approval_rate : float
        Share of approved rows, from the version's report.
    target : Target
        The target of the version's schema.
    """

    name: str
    why: str
    approval_rate: float
    target: Target


class ModelFolds(TypedDict):
    folds: FoldValues


class CrossValidation(TypedDict):
    """The part of a report's ``cross_validation`` that the gate reads; ``folds`` of one repeat."""

    folds: int
    models: Mapping[str, ModelFolds]


def judge_candidate(
    validation: CrossValidation,
    recipe: str,
    candidate: ComparedVersion,
    active: ComparedVersion | UnreadableTable | None,
    *,
    blocks: bool,
    one_rule: str,
    synthetic: bool = False,
) -> GateVerdict:
    """Run all checks of a candidate.

    Parameters
    ----------
    validation : mapping
        The candidate's ``report["cross_validation"]``.
    recipe : str
        The candidate's recipe.
    active : ComparedVersion, UnreadableTable or None
        The active version; ``None`` if there is none.
    blocks : bool
        Whether the gate may refuse. If not, every refusal becomes a warning.
    one_rule : str
        What the one-rule baseline denies by, in words.
    synthetic : bool
        Whether the candidate was trained on synthetic sample data.
    """
    models, folds = validation["models"], validation["folds"]
    losses = {name: models[name]["folds"]["log_loss"] for name in (recipe, "majority", "one_rule")}
    checks = [
        _check_learned(fold_difference(losses[recipe], losses["majority"], folds)),
        _check_beside_rule(fold_difference(losses[recipe], losses["one_rule"], folds), one_rule),
        gate_checks.check_size(*candidate.different_rows),
        *_check_against_active(candidate, active),
    ]
    if not blocks:
        return GateVerdict(tuple(check.unblocked() for check in checks))
    return GateVerdict((*checks, *([_SYNTHETIC] if synthetic else [])))


_SYNTHETIC = GateCheck(
    "training data", "refused", "It was trained on synthetic sample data, and the active version was not."
)


def fold_difference(candidate: Sequence[float], baseline: Sequence[float], folds: int) -> Interval:
    """Return mean and 95% interval of ``candidate - baseline`` over the folds of repeated cross-validation.

    The interval is corrected for folds that share rows (see
    `ml.evaluation.metrics.corrected_resampled_interval`).

    Parameters
    ----------
    candidate, baseline : sequence of float, each of length repeats * folds
        One metric's value on each fold; both on the same folds.
    folds : int
        Folds of one repeat.
    """
    return summarise_folds(np.subtract(candidate, baseline).tolist(), 1 / folds)


def _check_learned(difference: Interval) -> GateCheck:
    """Refuse a model no better than the approval rate, such as a model fitted to shuffled labels."""
    outcome = "passed" if difference["high"] < 0 else "refused"
    detail = f"Log loss {difference_words(difference)} against the majority class, which it must beat."
    return GateCheck("learned something", outcome, detail)


def _check_beside_rule(difference: Interval, one_rule: str) -> GateCheck:
    detail = (
        f"Log loss {difference_words(difference)} against the one-rule baseline ({one_rule}); "
        f"at most {MAX_LOSS_ABOVE_RULE:+} is allowed."
    )
    if difference["mean"] > MAX_LOSS_ABOVE_RULE:
        return GateCheck("one rule", "refused", detail)
    return GateCheck("one rule", "warning" if difference["mean"] > 0 else "passed", detail)


def _check_against_active(
    candidate: ComparedVersion, active: ComparedVersion | UnreadableTable | None
) -> Iterator[GateCheck]:
    if active is None:
        return
    approval_rate = float(candidate.dataset.y.mean())
    if isinstance(active, UnreadableTable):
        same = candidate.dataset.schema.target.same_outcomes(active.target)
        yield gate_checks.check_approval_rate(approval_rate, active.approval_rate, active.name, same=same)
        yield _not_compared(active)
        return
    same = candidate.dataset.schema.target.same_outcomes(active.dataset.schema.target)
    yield from _check_on_tables(candidate, active, same=same)
    yield gate_checks.check_approval_rate(
        approval_rate, float(active.dataset.y.mean()), active.name, same=same
    )
    yield gate_checks.check_medians(candidate.dataset, active.dataset, active.name)
    yield gate_checks.check_missing_values(candidate.dataset, active.dataset, active.name)
    if same:
        yield gate_groups.check_labels(candidate, active)


def _check_on_tables(
    candidate: ComparedVersion, active: ComparedVersion, *, same: bool
) -> Iterator[GateCheck]:
    """Compare both versions on the active version's table, and on the candidate's if it is another one.

    The active version's table serves only if its outcomes are the candidate's, and if it has every column
    that the candidate reads.
    """
    of_active = candidate.table_of(active) if same else _OTHER_OUTCOMES
    if isinstance(of_active, str):
        yield _one_table(active.name, of_active)
    else:
        where = f"{active.name}'s table"
        yield from _check_on_table((candidate, of_active), (active, active.dataset), where, decides=True)
        if candidate.dataset.digest == active.dataset.digest:
            return
    own = active.table_of(candidate)
    try:
        if isinstance(own, str):
            raise _CannotBeAsked(own)
        yield from _check_on_table(
            (candidate, candidate.dataset), (active, own), "its own table", decides=False
        )
    except (ArtefactError, _CannotBeAsked) as error:
        # Every row of the active version's table has an out-of-fold probability: its artefact is not asked.
        detail = f"On its own table, {active.name} cannot be asked: {error}"
        yield GateCheck("log loss", "warning", detail)


_OTHER_OUTCOMES = "the outcomes of both tables are not the same."


class _CannotBeAsked(Exception):
    """The active version cannot read the candidate's table."""


def _one_table(name: str, why: str) -> GateCheck:
    detail = (
        f"The table of {name} cannot be used: {why} Both versions are compared on this version's own table "
        "alone, where a candidate looks better than it is."
    )
    return GateCheck(ONE_TABLE, "warning", detail)


def _not_compared(active: UnreadableTable) -> GateCheck:
    detail = (
        f"The gate cannot tell whether this version is worse than {active.name}, whose training table cannot "
        f"be read: {active.why} Log loss, ROC-AUC, medians, missing values and groups are not compared."
    )
    return GateCheck("active version's table", "warning", detail)


def _check_on_table(
    candidate: tuple[ComparedVersion, Dataset],
    active: tuple[ComparedVersion, Dataset],
    where: str,
    *,
    decides: bool,
) -> Iterator[GateCheck]:
    """Compare both versions on one table, which each of them reads by its own schema.

    Only the active version's table `decides`. A candidate looks good on its own table even if the labels are
    spoiled: its log loss there is lower by 0.05 to 0.11.
    """
    table, name = candidate[1], active[0].name
    of_candidate, of_active = (version.probabilities(rows) for version, rows in (candidate, active))
    where = f"On {where} ({len(table.y):,} rows)"
    yield _check_log_loss(log_loss_difference(of_candidate, of_active, table.y), where, name, decides)
    difference = auc_difference(of_candidate, of_active, table.y)
    detail = (
        f"{where}: ROC-AUC {difference_words(difference)} against {name}; significantly lower is a warning."
    )
    yield GateCheck("ROC-AUC", "warning" if difference["high"] < 0 else "passed", detail)
    yield gate_groups.check_predictions(of_candidate, of_active, [table, active[1]], where, name)


def _check_log_loss(difference: Interval, where: str, name: str, decides: bool) -> GateCheck:
    worse = difference["low"] > 0
    limit = "significantly higher is a warning"
    if decides:
        limit += f", and above {MAX_LOSS_ABOVE_ACTIVE:+} refused"
    refused = decides and worse and difference["mean"] > MAX_LOSS_ABOVE_ACTIVE
    detail = f"{where}: log loss {difference_words(difference)} against {name}; {limit}."
    return GateCheck("log loss", "refused" if refused else "warning" if worse else "passed", detail)
