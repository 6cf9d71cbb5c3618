"""Write the facts of a schema as a TOML file that a person can edit."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_ARRAYS = ("column", "model_column", "remark")
_ORDER = ("id", "target", "column", "model_column", "baseline", "remark")


def schema_toml(
    facts: Mapping[str, Any], notes: Mapping[str, Sequence[str]] | None = None, head: Sequence[str] = ()
) -> str:
    """Return the TOML text of a schema's facts.

    Parameters
    ----------
    facts : mapping
        As `ml.schemas.toml.facts_of` returns them. ``read_schema(schema_toml(facts))`` and
        ``schema_from_facts(facts)`` have the same digest.
    notes : mapping of str to sequence of str
        Comments above the ``[[column]]`` of a name; those of ``""`` stand above ``[target]``.
    head : sequence of str
        Comments at the top of the file.

    Examples
    --------
    >>> print(schema_toml({"name": "car-loan", "target": {"column": "y", "good": ["1"], "bad": ["0"]}}))
    name = "car-loan"
    <BLANKLINE>
    [target]
    column = "y"
    good = ["1"]
    bad = ["0"]
    <BLANKLINE>
    """
    return "\n".join(_lines(facts, notes or {}, head)) + "\n"


def _lines(
    facts: Mapping[str, Any], notes: Mapping[str, Sequence[str]], head: Sequence[str]
) -> Iterator[str]:
    yield from map(_comment, head)
    yield from _pairs({key: value for key, value in facts.items() if key not in _ORDER})
    for key in _ORDER:
        value = facts.get(key)
        for table in value if key in _ARRAYS and value else [value] if value else []:
            yield ""
            yield from map(_comment, _notes_of(key, table, notes))
            yield f"[[{key}]]" if key in _ARRAYS else f"[{key}]"
            yield from _pairs(table)


def _notes_of(key: str, table: Mapping[str, Any], notes: Mapping[str, Sequence[str]]) -> Sequence[str]:
    if key == "target":
        return notes.get("", ())
    return notes.get(table["name"], ()) if key == "column" else ()


def _comment(text: str) -> str:
    printable = "".join(character if character.isprintable() else " " for character in text)
    return f"# {printable}".rstrip()


def _pairs(table: Mapping[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        if value is not None:
            yield f"{_key(key)} = {_value(value)}"


def _key(key: str) -> str:
    plain = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if plain and not key.startswith("-") else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_pairs(value)) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(text: str) -> str:
    """Return a basic string. JSON writes texts as TOML does, but leaves one control character alone."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
