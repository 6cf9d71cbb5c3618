"""The editor of a policy's rules: rows of a form that are added and removed without a script."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ml.applications.number_texts import Convention, read_number
from ml.errors import RulesError, SchemaErrorFault
from ml.schemas.features import Kind
from ml.schemas.schema import JSON, Schema
from ml.scorecard.policy_rules import PolicyRule, rules_from_json, rules_to_facts
from predictions.models import Policy

EDITED = "rules"  # a hidden field: without it a form says nothing of rules, and those in force stay
COMPARISONS = [
    (">", "is above"),
    (">=", "is at least"),
    ("<", "is below"),
    ("<=", "is at most"),
    ("==", "is"),
    ("!=", "is not"),
    ("", "(formula is complete)"),
]
ACTIONS = [("refer", "Refer"), ("deny", "Deny")]
FIELDS = ("value", "comparison", "number", "code", "action", "officer", "applicant")
_TEXTS = ("value", "number", "code", "officer", "applicant")  # a row without any of them is empty
_NAME = re.compile(rf"rule-([0-9]{{1,4}})-({'|'.join(FIELDS)})")
_SPLIT = re.compile(
    r"(?P<value>[^<>=!]*[^<>=!\s])\s*(?P<comparison>>=|<=|==|!=|>|<|=)\s*"
    r"(?P<number>-?[0-9]+(?:\.[0-9]+)?|\"[^\"]*\"|'[^']*')"
)
_WORD = re.compile(r"\b(and|or|not|is)\b")


@dataclass(slots=True)
class RuleRow:
    """A rule as it is entered, and the errors of its fields."""

    place: int
    entries: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    is_new: bool = False

    @property
    def number(self) -> int:
        return self.place + 1

    @property
    def id(self) -> str:
        return str(self.place)

    @property
    def is_empty(self) -> bool:
        return not any(self.entries[name].strip() for name in _TEXTS)

    def facts(self, schema: Schema) -> dict[str, str]:
        """Return the rule with the keys of a file."""
        entries = {name: text.strip() for name, text in self.entries.items()}
        keys = ("code", "action", "officer", "applicant")
        return {name: entries[name] for name in keys} | {"when": _formula(entries, schema)}


def _formula(entries: Mapping[str, str], schema: Schema) -> str:
    if not entries["comparison"]:
        return entries["value"]
    return f"{entries['value']} {entries['comparison']} {_compared(entries, schema)}"


def _compared(entries: Mapping[str, str], schema: Schema) -> str:
    """Return the number, or the text in quotes if the value is a column of texts."""
    text, feature = entries["number"], schema.by_column.get(entries["value"].strip("`"))
    if feature and feature.kind is not Kind.NUMBER and not text.startswith(('"', "'")):
        quoted = text.replace('"', '""')
        return f'"{quoted}"'
    return read_number(text, Convention.PAGE) or text


class RulesEditor:
    """The rows of a form. Empty rows are left out."""

    comparisons, actions = COMPARISONS, ACTIONS

    def __init__(self, entries: Mapping[str, str]) -> None:
        by_place: dict[int, dict[str, str]] = {}
        for name, text in entries.items():
            if match := _NAME.fullmatch(name):
                by_place.setdefault(int(match[1]), {})[match[2]] = str(text)
        self.rows = [_row(place, by_place[key]) for place, key in enumerate(sorted(by_place))]

    def change(self, wish: str) -> None:
        """Add an empty row (``add``), or remove one (``remove-3``)."""
        if wish == "add":
            self.rows.append(_row(len(self.rows), {}, is_new=True))
        elif match := re.fullmatch("remove-([0-9]{1,4})", wish):
            del self.rows[int(match[1]) : int(match[1]) + 1]
            for place, row in enumerate(self.rows):
                row.place = place

    def entries(self) -> dict[str, str]:
        """Return the rows as entries of a form."""
        return {f"rule-{row.place}-{name}": row.entries[name] for row in self.rows for name in FIELDS}

    def read(self, schema: Schema) -> tuple[PolicyRule, ...]:
        """Return the rules. Raises `RulesError`, whose faults stand at the rows, too."""
        from ml.scorecard.rule_reader import rules_from_facts  # the parser: other pages need none

        filled = [row for row in self.rows if not row.is_empty]
        try:
            return rules_from_facts([row.facts(schema) for row in filled], schema)
        except RulesError as error:
            for fault in error.faults:
                _mark(filled, fault)
            raise


def _row(place: int, entries: Mapping[str, str], *, is_new: bool = False) -> RuleRow:
    defaults = dict.fromkeys(FIELDS, "") | {"comparison": ">" if is_new else "", "action": "refer"}
    return RuleRow(place, {**defaults, **entries}, is_new=is_new)


def column_in_formula(name: str) -> str:
    """Return a column's name as a formula has it."""
    return name if name.isidentifier() else f"`{name.replace('`', '``')}`"


_AT = re.compile(r"rule\[([0-9]+)\](?:\.(\w+))?")


def _mark(rows: Sequence[RuleRow], fault: SchemaErrorFault) -> None:
    """Set the error of the field that a fault names."""
    match = _AT.match(fault.path)
    if match and int(match[1]) < len(rows):
        name = {"when": "value", None: "code"}.get(match[2], match[2])
        rows[int(match[1])].errors.setdefault(str(name), fault.message)


def policy_rule_entries(policy: Policy) -> dict[str, str]:
    """Return the form entries that give the rules of `policy`."""
    facts = rules_to_facts(rules_from_json(policy.rules))
    entries = {
        f"rule-{place}-{name}": text
        for place, rule in enumerate(facts)
        for name, text in _entries_of(rule).items()
    }
    return entries | {EDITED: "edited"}


def _entries_of(rule: JSON) -> dict[str, str]:
    """Return the entries of one rule. A condition that is no plain comparison is a formula."""
    match = _SPLIT.fullmatch(rule["when"])
    formula = {"value": rule["when"], "comparison": "", "number": ""}
    if match and not _WORD.search(match["value"]):
        comparison = "==" if match["comparison"] == "=" else match["comparison"]
        formula = {"value": match["value"], "comparison": comparison, "number": match["number"]}
        if formula["number"][0] in "\"'" and '""' not in formula["number"]:
            formula["number"] = formula["number"][1:-1]
    return formula | {name: rule[name] for name in ("code", "action", "officer", "applicant")}


def with_rules_in_force(entries: Mapping[str, str], in_force: Policy) -> dict[str, str]:
    """Return the entries of a form, with the rules in force where the form says nothing of rules."""
    return dict(entries) if EDITED in entries else policy_rule_entries(in_force) | dict(entries)
