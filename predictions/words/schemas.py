"""What a version of a schema changes, in words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ml.applications.values import show_value
from ml.schemas.facts import facts_of
from ml.schemas.features import label_of
from ml.schemas.schema import Schema

Facts = Mapping[str, Any]
_NAMES = {
    "label": "label", "group": "group", "help": "help", "kind": "kind", "role": "role",
    "minimum": "lowest value", "above": "lower bound (excluded)", "maximum": "highest value",
    "unit": "unit", "decimals": "decimals",
    "scale": "scale", "usual": "usual range", "required": "required", "protected": "protected",
    "compared": "compared between groups", "bands": "bands", "special": "special codes",
    "missing": "texts that mean a gap", "aliases": "other headings", "document": "document",
    "in_lists": "shown in lists", "direction": "direction", "adverse": "words for the applicant",
    "numbers": "numbers read as choices", "spellings": "texts read as choices",
    "actionable": "values an applicant could choose",
    "too_low": "remark about low values", "too_high": "remark about high values",
    "exponents": "exponents in files",
}  # fmt: skip
_HEAD = {"title": "Title", "currency": "Currency", "id": "Application ID", "amount": "Amount", "term": "Term"}
_TARGET = {
    "column": "Outcome column", "good": "Good outcomes", "bad": "Bad outcomes",
    "leave_out": "Outcomes left out", "means": "Meaning of a good outcome",
}  # fmt: skip
_TABLES = {"model_column": "model column", "remark": "remark"}
_WORDS = {
    "after_decision": "known after the decision", "yes_no": "yes or no", "category": "choice",
    "up": "more never hurts", "down": "more never helps", "auto": "found by the data",
}  # fmt: skip


def schema_changes(before: Schema, after: Schema) -> list[str]:
    """Return a sentence for each difference; none if the schemas are the same."""
    old, new = facts_of(before), facts_of(after)
    return [
        *_values(_HEAD, old, new),
        *_outcome(old["target"], new["target"]),
        *_columns(old, new),
        *_others(old, new),
    ]


def _values(names: Mapping[str, str], old: Facts, new: Facts) -> Iterator[str]:
    for key, name in names.items():
        if old.get(key) != new.get(key):
            yield f"{name}: {_shown(new.get(key))} instead of {_shown(old.get(key))}."


def _outcome(old: Facts, new: Facts) -> Iterator[str]:
    yield from _values(_TARGET, old, new)
    if old.get("means_confirmed", True) != new.get("means_confirmed", True):
        confirmed = new.get("means_confirmed", True)
        yield f"The meaning of a good outcome is {'confirmed' if confirmed else 'not confirmed any more'}."


def _columns(old: Facts, new: Facts) -> Iterator[str]:
    before, after = (_by_name(facts["column"]) for facts in (old, new))
    yield from (f"Column added: {_title(after[name])}." for name in after if name not in before)
    yield from (f"Column removed: {_title(before[name])}." for name in before if name not in after)
    for name in after:
        if name in before:
            yield from (f"{_title(after[name])}: {words}." for words in _column(before[name], after[name]))
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield "The columns have another order."


def _column(old: Facts, new: Facts) -> Iterator[str]:
    yield from _choices(old.get("choices", ()), new.get("choices", ()))
    for key, name in _NAMES.items():
        if old.get(key) == new.get(key):
            continue
        if new.get(key) is True or old.get(key) is True:
            yield f"{name} {'now' if new.get(key) else 'no more'}"
        else:
            yield f"{name} {_shown(new.get(key))} instead of {_shown(old.get(key))}"


def _choices(old: Sequence[Any], new: Sequence[Any]) -> Iterator[str]:
    before, after = _labels(old), _labels(new)
    yield from (f"choice {show_value(value)} added" for value in after if value not in before)
    yield from (f"choice {show_value(value)} removed" for value in before if value not in after)
    for value, label in after.items():
        if before.get(value, label) != label:
            was = show_value(before[value])
            yield f"choice {show_value(value)} is called {show_value(label)} instead of {was}"
    if [value for value in before if value in after] != [value for value in after if value in before]:
        yield "the choices have another order"


def _others(old: Facts, new: Facts) -> Iterator[str]:
    for key, name in _TABLES.items():
        before, after = (_by_name(facts.get(key, ())) for facts in (old, new))
        yield from (f"{name.capitalize()} added: {entry}." for entry in after if entry not in before)
        yield from (f"{name.capitalize()} removed: {entry}." for entry in before if entry not in after)
        changed = (entry for entry in after if entry in before and after[entry] != before[entry])
        yield from (f"{name.capitalize()} changed: {entry}." for entry in changed)
    if old.get("baseline") != new.get("baseline"):
        yield "The baseline rule changed."


def _by_name(entries: Sequence[Facts]) -> dict[str, Facts]:
    return {entry.get("name") or entry["code"]: entry for entry in entries}


def _title(entry: Facts) -> str:
    return str(entry.get("label") or label_of(entry["name"]))


def _labels(choices: Sequence[Any]) -> dict[Any, str]:
    pairs = (choice if isinstance(choice, list) else [choice, str(choice)] for choice in choices)
    return {value: label for value, label in pairs}  # noqa: C416 - a pair is a list of two


def _shown(value: Any) -> str:
    """Write a value of a key as a page does."""
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_shown(inner)}" for key, inner in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(map(_shown, value)) or "none"
    if isinstance(value, str) and value:
        return _WORDS.get(value) or show_value(value)
    return (
        "none" if value in (None, "") else f"{value:,.10g}" if isinstance(value, float | int) else str(value)
    )
