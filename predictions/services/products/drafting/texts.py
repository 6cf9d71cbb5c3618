"""The columns of a draft as texts of a form, and back to the facts of a schema."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ml.applications.values import show_value
from ml.errors import SchemaErrorFault

Facts = dict[str, Any]
Texts = dict[str, Any]
SEPARATOR = " | "
# A role as a person chooses it: role and `protected` of the schema.
ROLES = {
    "input": ("input", False), "protected": ("input", True), "carried": ("carried", False),
    "carried_protected": ("carried", True), "after_decision": ("after_decision", False),
}  # fmt: skip
LEFT_OUT, ID = "left_out", "id"
_TEXTS = ("label", "group", "help", "unit", "document")
_NUMBERS = ("minimum", "above", "maximum", "decimals", "scale")
_FLAGS = ("required", "in_lists", "compared")
_USUAL, _ADVERSE = ("usual_low", "usual_high"), ("low", "high")
_SHOWN = {
    *_TEXTS, *_NUMBERS, *_FLAGS, "name", "role", "protected", "kind", "direction", "usual", "adverse",
    "choices", "special", "bands", "aliases",
}  # fmt: skip
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z")


class NotANumber(ValueError):
    """A text is no number."""


def column_texts(facts: Mapping[str, Any]) -> Texts:
    """Return the facts of a column as texts; `other` holds the keys that no field shows."""
    usual, adverse = facts.get("usual") or (None, None), facts.get("adverse") or {}
    texts: Texts = {key: facts.get(key, "") for key in ("name", *_TEXTS)}
    texts |= {key: _number_text(facts.get(key)) for key in _NUMBERS}
    texts |= {key: bool(facts.get(key)) for key in _FLAGS}
    texts |= {key: _number_text(value) for key, value in zip(_USUAL, usual, strict=True)}
    return texts | {
        "role": _role_of(facts),
        "kind": facts["kind"],
        "direction": facts.get("direction") or "",
        "adverse_low": adverse.get("low", ""),
        "adverse_high": adverse.get("high", ""),
        "choices": "\n".join(map(_choice_line, facts.get("choices", ()))),
        "special": "\n".join(SEPARATOR.join(pair) for pair in facts.get("special", {}).items()),
        "bands": ", ".join(map(_number_text, facts.get("bands", ()))),
        "aliases": "\n".join(facts.get("aliases", ())),
        "other": {key: value for key, value in facts.items() if key not in _SHOWN} | _protected_later(facts),
    }


def column_facts(texts: Texts, path: str, faults: list[SchemaErrorFault]) -> Facts:
    """Return the facts of a column. What cannot be read is left out, and added to `faults`."""
    reader = _Reader(texts, path, faults)
    role, protected = ROLES[texts["role"]]
    number = texts["kind"] == "number"
    facts: Facts = {"name": texts["name"], "kind": texts["kind"]}
    facts |= {key: text for key in _TEXTS if (text := texts[key].strip())}
    facts |= {key: value for key in _NUMBERS if (value := reader.number(key)) is not None}
    facts |= {key: True for key in _FLAGS if texts[key]}
    adverse = {end: text for end in _ADVERSE if (text := texts[f"adverse_{end}"].strip())}
    facts |= {
        key: value
        for key, value in {
            "role": "" if role == "input" else role,
            "protected": protected,
            "direction": texts["direction"],
            "usual": reader.usual(),
            "choices": reader.lines("choices", lambda line: _choice(line, number)),
            "special": dict(reader.lines("special", _special)),
            "bands": reader.bands(),
            "aliases": reader.lines("aliases", str),
            "adverse": adverse,
        }.items()
        if value
    }
    return {key: value for key, value in (texts["other"] | facts).items() if _applies(key, facts)}


_OF_NUMBERS = {"bands", "missing", "exponents"}
_OF_AMOUNTS = {
    "minimum", "above", "maximum", "usual", "decimals", "scale", "too_low", "too_high", "actionable",
    "special",
}  # fmt: skip
_OF_UNPROTECTED = {"document", "actionable"}


def _applies(key: str, facts: Facts) -> bool:
    """Return False for a key that no column of this kind and role has; its text stays in the draft."""
    number = facts["kind"] == "number"
    if key in _OF_UNPROTECTED and facts.get("protected"):
        return False
    if key in _OF_AMOUNTS:
        return number and not facts.get("choices")
    if key == "numbers":
        return not number
    if key == "direction":
        return number == (facts["direction"] != "none") or bool(number and facts.get("choices"))
    return number or key not in _OF_NUMBERS


class _Reader:
    """Reads the texts of a column, and collects what it cannot read."""

    def __init__(self, texts: Texts, path: str, faults: list[SchemaErrorFault]) -> None:
        self._texts, self._path, self._faults = texts, path, faults

    def number(self, key: str) -> int | float | None:
        text = self._texts[key].strip()
        return self._read(key, lambda: _number(text)) if text else None

    def usual(self) -> list[int | float] | None:
        low, high = map(self.number, _USUAL)
        if (low is None) != (high is None) and not self._has_fault(*_USUAL):
            self._fault(
                "usual_high" if high is None else "usual_low", "expected both ends of the usual range."
            )
        return None if low is None or high is None else [low, high]

    def bands(self) -> list[int | float]:
        texts = [text.strip() for text in self._texts["bands"].split(",") if text.strip()]
        read = self._read("bands", lambda: [*map(_number, texts)])
        return read or []

    def lines(self, key: str, read: Callable[[str], Any]) -> list[Any]:
        lines = [line.strip() for line in self._texts[key].splitlines() if line.strip()]
        return self._read(key, lambda: [*map(read, lines)]) or []

    def _read(self, key: str, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except NotANumber as error:
            return self._fault(key, str(error))

    def _has_fault(self, *keys: str) -> bool:
        paths = {f"{self._path}.{key}" for key in keys}
        return any(fault.path in paths for fault in self._faults)

    def _fault(self, key: str, message: str) -> None:
        self._faults.append(SchemaErrorFault(f"{self._path}.{key}", None, message))


def field_of(path: str) -> str:
    """Return the field of a column that shows the key at a path such as ``column[3].usual``."""
    key = path.partition("].")[2]
    return {"usual": "usual_low", "adverse": "adverse_low", "protected": "role"}.get(
        key, key.replace(".", "_")
    )


def _role_of(facts: Mapping[str, Any]) -> str:
    role, protected = facts.get("role", "input"), bool(facts.get("protected"))
    return next((name for name, pair in ROLES.items() if pair == (role, protected)), role)


def _protected_later(facts: Mapping[str, Any]) -> Facts:
    """Keep `protected` of a column that is known after the decision, which its role does not say."""
    return {"protected": True} if facts.get("protected") and facts.get("role") == "after_decision" else {}


def _choice_line(choice: Any) -> str:
    value, label = choice if isinstance(choice, list | tuple) else (choice, None)
    text = value if isinstance(value, str) else _number_text(value)
    if label is None and SEPARATOR not in text:
        return text
    return f"{text}{SEPARATOR}{text if label is None else label}"


def _choice(line: str, number: bool) -> Any:
    text, separator, label = line.rpartition(SEPARATOR)
    value = _number((text or label).strip()) if number else (text or label).strip()
    return [value, label.strip()] if separator else value


def _special(line: str) -> tuple[str, str]:
    code, _, words = line.partition(SEPARATOR.strip())
    _number(code.strip())
    return code.strip(), words.strip() or f"code {code.strip()}"


def _number_text(value: int | float | None) -> str:
    if value is None:
        return ""
    return repr(value)


def _number(text: str) -> int | float:
    if not _NUMBER.match(text):
        raise NotANumber(f"{show_value(text)} is no number; write 1234.5.")
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def in_schema(texts: Mapping[str, Any]) -> bool:
    """Return True for a column of the schema, False for the ID and columns that are left out."""
    return texts["role"] in ROLES


def rows_with_place(columns: list[Texts]) -> Iterator[tuple[int, Texts]]:
    """Yield the columns that are part of the schema, with their places in the list."""
    return ((place, texts) for place, texts in enumerate(columns) if in_schema(texts))
