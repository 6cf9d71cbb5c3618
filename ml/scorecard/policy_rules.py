"""Rules of a policy beside its threshold: conditions on an application that refer or deny it.

They are read from text by `ml.scorecard.rule_reader`; processes that serve read their JSON.
"""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ml.applications.plausibility import MIN_ROWS_FOR_ARRAYS
from ml.applications.types import ApplicationValues, Columns, to_python
from ml.expressions.arrays import Evaluation
from ml.expressions.compiled import CompiledValues, compile_values
from ml.expressions.nodes import Comparison, Number, NumberColumn, TextColumn, Tree, columns_of, nodes_of
from ml.expressions.tree import from_json, to_json
from ml.schemas.schema import JSON, Schema

REFER, DENY = "refer", "deny"


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """A rule of a policy.

    Attributes
    ----------
    code : str
        Names the rule in causes; unique in its policy.
    text : str
        The formula as it was written.
    when : Tree
        The formula. A missing value never makes it hold.
    action : str
        ``"refer"`` or ``"deny"``.
    officer_text, applicant_text : str
        What an officer and an applicant are told. The latter may be empty for a rule that refers.
    """

    code: str
    text: str
    when: Tree = field(hash=False)  # it follows from the text and the schema; to hash a tree takes long
    action: str
    officer_text: str
    applicant_text: str = ""


def rules_to_json(rules: Sequence[PolicyRule]) -> list[JSON]:
    """Return rules as plain JSON, as policies store them."""
    return [
        {
            "code": rule.code,
            "when": {"text": rule.text, "tree": to_json(rule.when)},
            "action": rule.action,
            "officer_text": rule.officer_text,
            "applicant_text": rule.applicant_text,
        }
        for rule in rules
    ]


def rules_from_json(document: Sequence[Mapping[str, Any]] | None) -> tuple[PolicyRule, ...]:
    """Return the rules that `rules_to_json` wrote: the same objects each time."""
    return _rules_of(json.dumps(document)) if document else ()


@functools.lru_cache(64)
def _rules_of(text: str) -> tuple[PolicyRule, ...]:
    return tuple(
        PolicyRule(
            code=entry["code"],
            text=entry["when"]["text"],
            when=from_json(entry["when"]["tree"]),
            action=entry["action"],
            officer_text=entry["officer_text"],
            applicant_text=entry["applicant_text"],
        )
        for entry in json.loads(text)
    )


def rules_to_facts(rules: Sequence[PolicyRule]) -> list[dict[str, str]]:
    """Return rules as the plain values of a TOML file or form (see `ml.scorecard.rule_reader`)."""
    return [
        {
            "code": rule.code,
            "when": rule.text,
            "action": rule.action,
            "officer": rule.officer_text,
            "applicant": rule.applicant_text,
        }
        for rule in rules
    ]


@dataclass(frozen=True, slots=True)
class PolicyCheck:
    """A rule, or the limit of the amount, as it is applied to applications of one schema.

    Attributes
    ----------
    code : str
        The code among causes: ``rule:CODE`` or ``limit:amount``.
    action : str
        ``"refer"`` or ``"deny"``.
    text, applicant_text : str
        What an officer and an applicant are told where it holds.
    """

    code: str
    when: Tree = field(hash=False)
    action: str
    text: str
    applicant_text: str


Held = tuple[PolicyCheck, ...]
"""The checks that hold for one application, in the order of the policy."""


class PolicyChecks:
    """The checks of a policy for applications of a schema.

    Attributes
    ----------
    checks : tuple of PolicyCheck
        A rule is left out if the schema lacks one of its columns: then it never holds.
    """

    def __init__(self, schema: Schema, rules: Sequence[PolicyRule], limit_amount: float | None) -> None:
        readable = [rule for rule in rules if not unknown_columns(rule, schema)]
        self.checks = (*map(_rule_check, readable), *_amount_check(schema, limit_amount))
        self._columns = tuple({name: None for check in self.checks for name in columns_of(check.when)})

    @functools.cached_property
    def _compiled(self) -> CompiledValues:
        """Finds what holds for one application; to compile it takes a thousand times as long."""
        return compile_values([check.when for check in self.checks])

    def held(self, values: ApplicationValues) -> Held:
        """Return the checks that hold for one application."""
        if not self.checks:
            return ()
        found = self._compiled(values)
        return tuple(check for check, holds in zip(self.checks, found, strict=True) if holds)

    def held_by_row(self, columns: Columns) -> dict[int, Held]:
        """Return the checks that hold for n applications by row number; rows without one are left out.

        Rows with the same checks share one tuple.
        """
        count = len(next(iter(columns.values()))) if self.checks else 0
        if count < MIN_ROWS_FOR_ARRAYS:  # arrays cost more than they gain
            held = (self.held(self._row(columns, row)) for row in range(count))
            return {row: found for row, found in enumerate(held) if found}
        evaluation = Evaluation({name: columns[name] for name in self._columns})
        flags = np.array([evaluation.holds(check.when) for check in self.checks])
        rows: list[int] = np.flatnonzero(flags.any(axis=0)).tolist()
        shared: dict[bytes, Held] = {}
        return {row: self._shared(shared, flags[:, row]) for row in rows}

    def _row(self, columns: Columns, row: int) -> ApplicationValues:
        return {name: to_python(columns[name][row]) for name in self._columns}

    def _shared(self, shared: dict[bytes, Held], flags: np.ndarray) -> Held:
        key = flags.tobytes()
        if key not in shared:
            shared[key] = tuple(check for check, holds in zip(self.checks, flags, strict=True) if holds)
        return shared[key]


@functools.lru_cache(256)
def policy_checks(schema: Schema, rules: tuple[PolicyRule, ...], limit_amount: float | None) -> PolicyChecks:
    """Return the checks of a policy for applications of a schema: the same object each time."""
    return PolicyChecks(schema, rules, limit_amount)


def denies(held: Held) -> bool:
    """Return True if one of the checks that hold denies the application."""
    return any(check.action == DENY for check in held)


def unknown_columns(rule: PolicyRule, schema: Schema) -> list[str]:
    """Return the columns of a rule that a schema lacks, or has with values of another kind."""
    return [
        name
        for name, is_number in dict.fromkeys(
            (node.name, isinstance(node, NumberColumn))
            for node in nodes_of(rule.when)
            if isinstance(node, NumberColumn | TextColumn)
        )
        if name not in schema.by_column or (name in schema.numbers) is not is_number
    ]


def _rule_check(rule: PolicyRule) -> PolicyCheck:
    return PolicyCheck(f"rule:{rule.code}", rule.when, rule.action, rule.officer_text, rule.applicant_text)


def _amount_check(schema: Schema, limit: float | None) -> list[PolicyCheck]:
    if limit is None or schema.amount is None:
        return []
    feature = schema.by_column[schema.amount]
    above = Comparison(">", NumberColumn(schema.amount), Number(limit))
    text = f"{feature.label}: above the limit of {feature.value_words(limit)}, so a person decides."
    return [PolicyCheck("limit:amount", above, REFER, text, "")]
