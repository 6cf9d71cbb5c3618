"""The values of a TOML file, and the line of each key."""

import re
import tomllib
from collections.abc import Callable
from typing import Any

from ml.errors import SchemaError, SchemaErrorFault
from ml.schemas.checks import SchemaFault

LineOf = Callable[[str], int | None]
"""Returns the line of a key's path, such as ``column[3].minimum``; ``None`` if it is not known."""

_HEADER = re.compile(r"^\s*\[(?:\[(?P<many>[\w-]+)\]|(?P<one>[\w.-]+))\]\s*(#.*)?$")
_KEY = re.compile(r"^\s*(?P<key>[\w-]+|\"[^\"]+\")\s*=")
# `tomllib` needs the square of the number of parts, in time and in memory.
_LONG_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){20}""")


def read_toml(
    content: str | bytes, name: str, error: type[SchemaError] = SchemaError
) -> tuple[dict[str, Any], LineOf]:
    """Return the values of a TOML file, and the lines of its keys.

    Raises
    ------
    SchemaError
        If the content is no TOML; `error` in its place, if given.
    """
    try:
        text = _text(content)
        return tomllib.loads(text), _lines(text).get
    except _Unreadable as fault:
        problem = str(fault)
    except ValueError as fault:  # of TOML, and of a number with thousands of digits
        problem = f"this is no TOML: {fault}"
    except RecursionError:
        problem = "values are nested too deeply."
    raise error(name, [SchemaErrorFault("", None, problem)])


def located(fault: SchemaFault, line_of: LineOf) -> SchemaErrorFault:
    """Give a fault the line of its key, or else of the table around it."""
    path = fault.path
    while path and line_of(path) is None:
        path = path.rpartition(".")[0]
    return SchemaErrorFault(fault.path, line_of(path) if path else None, fault.message)


class _Unreadable(Exception):
    """Why the content is not read as TOML."""


def _text(content: str | bytes) -> str:
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _Unreadable("UTF-8 text is expected.") from None
    if _LONG_KEY.search(text):
        raise _Unreadable("a key has 20 parts or more.")
    return text


def _lines(text: str) -> dict[str, int]:
    """Return the line of each table and key by its path, as far as a plain reading finds them."""
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _table_path(header, counts)
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            path = key["key"].strip('"')
            lines.setdefault(f"{table}.{path}" if table else path, number)
    return lines


def _table_path(header: re.Match[str], counts: dict[str, int]) -> str:
    if many := header["many"]:
        counts[many] = counts.get(many, -1) + 1
        return f"{many}[{counts[many]}]"
    first, _, rest = header["one"].partition(".")
    return f"{first}[{counts[first]}]{'.' + rest if rest else ''}" if first in counts else header["one"]
