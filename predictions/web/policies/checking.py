"""The check of rules while they are typed, and what turning off the referral of gaps means."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ml.errors import MLError, RulesError
from ml.schemas.schema import Schema
from ml.scorecard.policy_rules import PolicyRule
from ml.scorecard.scorecard import Scorecard, probability_of
from ml.scorecard.scorecard_columns import ScorecardColumn
from predictions.errors import Unavailable
from predictions.live import active_model
from predictions.live.active_model import schema_in_use
from predictions.live.products import product_of
from predictions.roles import REPLAY
from predictions.services.policies.rule_counts import Counts, count_rules
from predictions.web.policies.rules import RuleRow, RulesEditor
from predictions.web.posting import post_only


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """What a rule does to the newest stored cases, or why its formula cannot be read."""

    text: str
    is_fault: bool


@post_only("policy_simulator")
@login_required
@permission_required(REPLAY, raise_exception=True)
def policy_check(request: HttpRequest) -> HttpResponse:
    """Check the formulas of a form whose other fields may not be filled in yet."""
    product_id = product_of(request).pk
    schema = schema_in_use(product_id)
    rows = [row for row in RulesEditor(request.POST.dict()).rows if row.entries["value"].strip()]
    read = [_read(row, schema) for row in rows]
    rules = [rule for rule in read if isinstance(rule, PolicyRule)]
    counts = count_rules(product_id=product_id, rules=rules) if rules else None
    lines = [_line(row, rule, counts) for row, rule in zip(rows, read, strict=True)]
    return render(request, "predictions/policies/_rules_check.html", {"check": {"lines": lines}})


def _read(row: RuleRow, schema: Schema) -> PolicyRule | str:
    """Return a rule with the place of its row as code, or the fault of its formula."""
    from ml.scorecard.rule_reader import rules_from_facts  # the parser: other pages need none

    given = {"code": _code(row), "officer": "x", "applicant": "x"}
    try:
        return rules_from_facts([row.facts(schema) | given], schema)[0]
    except RulesError as error:
        return error.faults[0].message


def _code(row: RuleRow) -> str:
    return f"row-{row.place}"


def _line(row: RuleRow, rule: PolicyRule | str, counts: Counts | None) -> CheckedLine:
    if isinstance(rule, str) or counts is None:
        return CheckedLine(f"Rule {row.number}: {rule}", is_fault=True)
    verb = "denies" if rule.action == "deny" else "refers"
    held = f"{counts.by_code[_code(row)]:,} of the last {counts.rows:,} stored cases"
    return CheckedLine(f"Rule {row.number} {verb} {held}.", is_fault=False)


def gap_warning(product_id: int) -> str:
    """Say what an applicant gains by leaving a bad value out where gaps refer nothing."""
    try:
        scorecard = active_model.current(product_id).predictor
    except (Unavailable, MLError):
        return _GENERAL
    if not isinstance(scorecard, Scorecard) or not scorecard.columns:
        return _GENERAL
    column = max(scorecard.columns, key=_gain)
    if _gain(column) <= 0:
        return _GENERAL
    low, left_out = (scorecard.base + points for points in (column.points.min(), column.points[-1]))
    before, after = (f"{100 * float(probability_of(odds)):.0f}%" for odds in (low, left_out))
    return (
        f"An applicant gains by leaving a bad value out: for an average application, leaving out the worst "
        f"value of {column.label} raises the probability from {before} to {after}."
    )


_GENERAL = "An applicant may gain by leaving a bad value out: that can raise the probability."


def _gain(column: ScorecardColumn) -> float:
    """Return by how much the log-odds rise where the worst value is left out."""
    return float(column.points[-1] - column.points.min())
