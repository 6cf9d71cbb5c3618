"""Read a policy's rules from TOML, or from the same facts as plain values; check them against a schema."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec

from ml.applications.values import is_plain_line
from ml.errors import ExpressionError, RulesError
from ml.expressions.nodes import Tree, columns_of
from ml.expressions.parser import ColumnType, NumberType, TextType, parse
from ml.schemas.checks import SchemaFault
from ml.schemas.features import Kind, Role
from ml.schemas.schema import Schema
from ml.schemas.toml_text import LineOf, located, read_toml
from ml.schemas.type_faults import type_fault
from ml.scorecard.policy_rules import DENY, PolicyRule

MAX_RULES = 100
MAX_TEXT = 300  # characters of what an officer or an applicant is told
CODE = r"[a-z][a-z0-9_-]{0,31}"
# Codes of other causes and of limits.
RESERVED_CODES = frozenset({"amount", "band", "gap", "letter", "limit", "override", "remark", "rule"})

Faults = Iterator[SchemaFault]


class RuleEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A ``[[rule]]`` of the file, or a row of a form."""

    code: str
    when: str
    action: Literal["refer", "deny"]
    officer: str
    applicant: str = ""


class RulesDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file; an empty one has no rules."""

    rule: Annotated[tuple[RuleEntry, ...], msgspec.Meta(max_length=MAX_RULES)] = ()


def read_rules(content: str | bytes, schema: Schema, name: str = "rules") -> tuple[PolicyRule, ...]:
    """Read rules from the text of a TOML file.

    Parameters
    ----------
    content : str or bytes
        UTF-8 if bytes. An empty file has no rules.
    schema : Schema
        The schema of the applications.
    name : str
        Name of the file, for messages.

    Raises
    ------
    RulesError
        With every fault, its key and, where it is known, its line.

    Examples
    --------
    >>> from ml.products.loan_prediction.schema import built_in
    >>> (rule,) = read_rules('''
    ... [[rule]]
    ... code = "high-instalment"
    ... when = "LoanAmount * 1000 / Loan_Amount_Term > 0.6 * (ApplicantIncome + CoapplicantIncome)"
    ... action = "refer"
    ... officer = "The instalment is above 60% of the income."
    ... ''', built_in())
    >>> rule.code, rule.action
    ('high-instalment', 'refer')
    """
    facts, line_of = read_toml(content, name, RulesError)
    return _rules(facts, schema, name, line_of)


def rules_from_facts(
    facts: Sequence[Mapping[str, Any]], schema: Schema, name: str = "rules"
) -> tuple[PolicyRule, ...]:
    """Read rules from plain values with the keys of a file (see `read_rules`)."""
    return _rules({"rule": [*facts]}, schema, name, lambda path: None)


def _rules(facts: Mapping[str, Any], schema: Schema, name: str, line_of: LineOf) -> tuple[PolicyRule, ...]:
    try:
        document = msgspec.convert(facts, RulesDocument)
    except msgspec.ValidationError as error:
        raise RulesError(name, [located(type_fault(str(error), RulesDocument), line_of)]) from None
    trees, faults = _trees(document, schema)
    faults += _code_faults(document)
    for place, entry in enumerate(document.rule):
        faults += _text_faults(f"rule[{place}]", entry)
    if faults:
        raise RulesError(name, [located(fault, line_of) for fault in faults])
    return tuple(
        PolicyRule(entry.code, entry.when.strip(), tree, entry.action, entry.officer, entry.applicant)
        for entry, tree in zip(document.rule, trees, strict=True)
    )


def _trees(document: RulesDocument, schema: Schema) -> tuple[list[Tree], list[SchemaFault]]:
    """Return the formulas that can be read, and the faults of all."""
    types = _types(schema)
    trees, faults = [], []
    for place, entry in enumerate(document.rule):
        path = f"rule[{place}].when"
        try:
            tree = parse(entry.when.strip(), types, "truth")
        except ExpressionError as error:
            faults.append(SchemaFault(path, f"{error}."))
        else:
            trees.append(tree)
            faults += _column_faults(path, tree, schema)
    return trees, faults


def _types(schema: Schema) -> dict[str, ColumnType]:
    return {
        feature.column: NumberType()
        if feature.kind is Kind.NUMBER
        else TextType(tuple(map(str, feature.values)))
        for feature in schema.features
    }


def _column_faults(path: str, tree: Tree, schema: Schema) -> Faults:
    columns = columns_of(tree)
    if not columns:
        yield SchemaFault(path, "the formula reads no column, so it holds for every application or for none.")
    for feature in map(schema.by_column.__getitem__, columns):
        if feature.protected or feature.role is not Role.INPUT:
            what = "protected" if feature.protected else "carried"
            yield SchemaFault(path, f"{feature.column!r} is {what}, so no rule may read it.")


def _code_faults(document: RulesDocument) -> Faults:
    codes = Counter(entry.code for entry in document.rule)
    for place, entry in enumerate(document.rule):
        path = f"rule[{place}].code"
        if not re.fullmatch(CODE, entry.code):
            yield SchemaFault(
                path,
                f"{entry.code!r} is no code; expected 1 to 32 of a to z, 0 to 9, - and _, a letter first.",
            )
        elif entry.code in RESERVED_CODES:
            yield SchemaFault(path, f"{entry.code!r} is the name of another cause; expected another code.")
        elif codes[entry.code] > 1:
            yield SchemaFault(path, f"{entry.code!r} stands {codes[entry.code]} times; expected it once.")


def _text_faults(path: str, entry: RuleEntry) -> Faults:
    for key, required in (("officer", True), ("applicant", entry.action == DENY)):
        text: str = getattr(entry, key)
        if required and not text:
            whom = "an applicant is told when it denies" if key == "applicant" else "an officer is told"
            yield SchemaFault(f"{path}.{key}", f"the text is empty; expected what {whom}.")
        elif len(text) > MAX_TEXT:
            yield SchemaFault(
                f"{path}.{key}", f"a text of {len(text):,} characters; expected at most {MAX_TEXT}."
            )
        elif text and not is_plain_line(text):
            yield SchemaFault(f"{path}.{key}", f"{text!r} is no line of printable text without outer spaces.")
