"""A points table with a policy as one SELECT."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from ml.applications.plausibility import RemarkFinder
from ml.scorecard.outcomes import DecisionRule
from ml.scorecard.scorecard import Scorecard
from ml.sql import Dialect
from ml.sql.cells import Cells
from ml.sql.points import LOG_ODDS, PROBABILITY, ColumnPoints, points_stages
from ml.sql.reasons import N_REASONS, Reasons
from ml.sql.remarks import REMARKS, RemarkStages, check_flags, decision, decision_results
from ml.sql.stages import Stage, staged_select
from ml.sql.words import quoted_column

_KEY = "key"


@dataclass(frozen=True, slots=True)
class Policy:
    """How a query turns a probability into an outcome, and the remarks that it finds."""

    rule: DecisionRule
    remarks: RemarkFinder


def scorecard_select(
    scorecard: Scorecard, table: exp.Table, key: str, policy: Policy, dialect: Dialect
) -> exp.Select:
    """Return the SELECT of a key, score, outcome, the most adverse reasons, causes and remarks.

    Raises
    ------
    ExportError
        If SQL cannot express a number of the points table.
    """
    cells = Cells(scorecard.schema, dialect)
    columns = [ColumnPoints(entry, place, cells, dialect) for place, entry in enumerate(scorecard.columns, 1)]
    reasons, remarks = Reasons(columns, dialect), RemarkStages(policy.remarks, cells, dialect)
    scores, checks = points_stages(columns, scorecard), policy.rule.checks(scorecard.schema).checks
    stages: dict[str, Stage] = {
        "cells": {_KEY: quoted_column(key), **cells.stage()},
        "values": {**scores["values"], **remarks.flags(), **check_flags(checks, cells)},
        "bins": {**scores["bins"], **remarks.remarks()},
        "points": {**scores["points"], **reasons.ranks(), **remarks.firsts()},
        "scores": {**scores["scores"], **reasons.found(1), **remarks.causes()},
        "probabilities": {**scores["probabilities"], **reasons.found(2)},
        "decisions": {**decision(policy.rule, checks, dialect), **reasons.found(3)},
        "reasons": reasons.found(N_REASONS),
    }
    decided = decision_results(policy.rule, checks, dialect)
    results: Mapping[str, exp.Expr] = {
        key: quoted_column(_KEY),
        PROBABILITY: quoted_column(PROBABILITY),
        "outcome": decided["outcome"],
        LOG_ODDS: quoted_column(LOG_ODDS),
        **reasons.results(),
        "approved": quoted_column("approved"),
        "causes": decided["causes"],
        REMARKS: quoted_column(REMARKS),
    }
    named = [exp.alias_(value, name, quoted=True, copy=False) for name, value in results.items()]
    return staged_select(table, stages, named, dialect)
