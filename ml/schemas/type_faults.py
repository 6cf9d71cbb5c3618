"""What is wrong with a value of another type than its key has."""

import re
from typing import Any, get_args, get_type_hints

import msgspec

from ml.schemas.checks import SchemaFault

_AT = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")


def type_fault(message: str, document: type[msgspec.Struct]) -> SchemaFault:
    """Return the fault of a message such as "Expected `int`, got `str` - at `$.column[3].minimum`"."""
    found = _AT.search(message)
    path, words = (found["path"], message[: found.start()]) if found else ("", message)
    unknown = re.search(r"unknown field `([^`]*)`", words)
    if unknown:
        path = f"{path}.{unknown[1]}" if path else unknown[1]
        return SchemaFault(path, f"this key is unknown; expected one of {', '.join(_keys(path, document))}.")
    if choice := re.search(r"Invalid enum value (.*)", words):
        choices = ", ".join(_choices_in(_type_at(path, document)))
        return SchemaFault(path, f"{choice[1]} is none of {choices}.")
    if path == "name" and "regex" in words:
        return SchemaFault(path, "expected small letters a to z, digits and hyphens, such as car-loan.")
    return SchemaFault(path, f"{words[:1].lower()}{words[1:]}.".replace("`", ""))


def _keys(path: str, document: type[msgspec.Struct]) -> list[str]:
    """Return the keys of the table in which an unknown key stands."""
    table = _struct_in(_type_at(path.rpartition(".")[0], document))
    return [field.encode_name for field in msgspec.structs.fields(table)]


def _type_at(path: str, document: type[msgspec.Struct]) -> Any:
    """Return the declared type of a key, or of the whole file."""
    found: Any = document
    for name in re.sub(r"\[[^]]*\]", "", path).split(".") if path else ():
        found = get_type_hints(_struct_in(found))[name]
    return found


def _choices_in(declared: Any) -> list[str]:
    """Return the values of the literals in a type; a type that is none has no parts that are values."""
    found = [_choices_in(part) if get_args(part) else [part] for part in get_args(declared)]
    return [str(value) for values in found for value in values if not isinstance(value, type)]


def _struct_in(declared: Any) -> Any:
    """Return the table's type in a type such as a tuple of tables, or None and a table."""
    if isinstance(declared, type) and issubclass(declared, msgspec.Struct):
        return declared
    return next((found for part in get_args(declared) if (found := _struct_in(part))), None)
