"""Strict JSON reading: what `json` lets through silently (NaN, repeated keys, endless nesting) is refused."""

import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NoReturn

from ml.applications.values import show_value
from ml.errors import TooManyRows, TooManyValues, UnreadableJSON


def _refuse_constant(name: str) -> NoReturn:
    raise UnreadableJSON(f"{name} is not a JSON number.")


def _refuse_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise UnreadableJSON(f"The key {show_value(twice)} stands twice in one object.")
    return row


strict_decoder = json.JSONDecoder(object_pairs_hook=_refuse_repeats, parse_constant=_refuse_constant)


def loads(text: str | bytes) -> Any:
    """Decode JSON text; bytes are UTF-8, with or without a byte order mark.

    Raises
    ------
    UnreadableJSON
        For anything that is not one strict JSON document.
    """
    with json_errors_in_words():
        return strict_decoder.decode(decode_utf8(text))


def decode_utf8(text: str | bytes) -> str:
    """Return text as it is, and bytes as the UTF-8 that they are."""
    return text.decode("utf-8-sig") if isinstance(text, bytes) else text


@contextlib.contextmanager
def json_errors_in_words() -> Iterator[None]:
    """Raise `UnreadableJSON`, in words, for whatever the decoder raises."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise UnreadableJSON(f"The body is not UTF-8: byte {error.start}.") from None
    except RecursionError:
        raise UnreadableJSON("The JSON is nested too deeply.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UnreadableJSON(f"The JSON cannot be read: {error.msg}, {where}.") from None
    except UnreadableJSON:
        raise
    except ValueError as error:  # an integer of thousands of digits
        raise UnreadableJSON(f"The JSON holds a number that cannot be read: {error}.") from None


LEAST_VALUES, VALUES_A_ROW = 1_000, 30  # how many a document may hold: the former, or so many a row
_BLANK = re.compile(r"[ \t\n\r]*")
_NEXT = re.compile(r"[ \t\n\r]*([,\]])[ \t\n\r]*")
_FLAT = re.compile(r"\{[^{}\[\]]*+\}")
# Where an object is looked for that holds brackets, as values or within texts; few values fit into either.
_WINDOWS = (2_000, 16_000)
_ESCAPE = len(r"\u0000")  # may be cut in two as well


def decode_json(text: str | bytes, most: int) -> Any:
    """Decode an object, an array of at most `most` objects, or a single text, number or constant.

    Raises
    ------
    UnreadableJSON
        For anything that is not one strict JSON document, and for an array of anything but objects.
    TooManyRows
        At the row after the last that may be.
    TooManyValues
        For a document, or a nested object, that holds more values than applications have.
    """
    with json_errors_in_words():
        text = decode_utf8(text)
        found, end = _document(text, _after_blank(text, 0), most)
        if (rest := _after_blank(text, end)) < len(text):
            raise json.JSONDecodeError("Extra data", text, rest)
        return found


def _document(text: str, at: int, most: int) -> tuple[Any, int]:
    if text.startswith("{", at):
        _check_values(text, most)
        return _object(text, at, "The object")
    return _array(text, at, most) if text.startswith("[", at) else strict_decoder.raw_decode(text, at)


def _check_values(text: str, most: int) -> None:
    """Refuse too many values, by the commas and brackets: one stands before each but an object's first."""
    if sum(map(text.count, ",[{")) > max(LEAST_VALUES, VALUES_A_ROW * most):
        raise TooManyValues(f"The body holds more values than {most:,} applications have.")


def _after_blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _array(text: str, at: int, most: int) -> tuple[list[Any], int]:
    """Return the rows of an array and the place behind it."""
    first = _after_blank(text, at + 1)
    if not text.startswith(("{", "]"), first):
        _row(text, first, 0)
    _check_values(text, most)
    if text.count("[") == 1 and text.count("{") <= most:
        return _whole_array(text, at)
    return _row_by_row(text, first, most)


def _whole_array(text: str, at: int) -> tuple[list[Any], int]:
    """Decode in one go: no more than a third of the time for what most calls hold."""
    rows, end = strict_decoder.raw_decode(text, at)
    for index, row in enumerate(rows):
        if not isinstance(row, dict):
            raise _no_object(index, row)
    return rows, end


def _row_by_row(text: str, at: int, most: int) -> tuple[list[Any], int]:
    rows: list[Any] = []
    while True:
        if len(rows) == most:
            raise TooManyRows(most)
        row, end = _row(text, at, len(rows))
        rows.append(row)
        separator = _NEXT.match(text, end)
        if not separator:
            raise json.JSONDecodeError("Expecting ',' delimiter", text, end)
        if separator[1] == "]":
            return rows, separator.end()
        at = separator.end()


def _row(text: str, at: int, index: int) -> tuple[Any, int]:
    if text.startswith("{", at):
        return _object(text, at, f"The object at index {index}")
    raise _no_object(index, [] if text.startswith("[", at) else strict_decoder.raw_decode(text, at)[0])


def _no_object(index: int, value: Any) -> UnreadableJSON:
    return UnreadableJSON(f"An object is expected at index {index}, not {show_value(value)}.")


def _object(text: str, at: int, name: str) -> tuple[Any, int]:
    """Return an object and the place behind it, decoded from a piece with no other brackets or with few.

    A piece that ends within the object says nothing of it, so a longer one is looked at.
    """
    flat = _FLAT.match(text, at)
    for end in [*([flat.end()] if flat else []), *(at + size for size in _WINDOWS)]:
        piece = text[at:end]
        try:
            value, length = strict_decoder.raw_decode(piece)
            return value, at + length
        except json.JSONDecodeError as error:
            near_end = error.pos > len(piece) - _ESCAPE or error.msg.startswith("Unterminated")
            if not (near_end and end < len(text)):
                raise json.JSONDecodeError(error.msg, text, at + error.pos) from None
    raise TooManyValues(f"{name} holds more than an application has.")
