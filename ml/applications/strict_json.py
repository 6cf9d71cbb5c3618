"""Strict, bounded reading of JSON from strangers.

NaN, repeated keys and endless nesting, which `json` lets through, are refused. Decoding costs time and memory
by the value, not by the byte: eight megabytes of ``[],[],...`` become three million lists. So values are
counted before they are decoded, by the characters between them, and nested rows are decoded one by one.
"""

import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NoReturn

from ml.applications.values import show_value
from ml.errors import TooManyRows, TooManyValues, UnreadableJSON

MIN_VALUES, VALUES_PER_ROW = 1_000, 30  # a document may hold the larger of both
_BLANK = re.compile(r"[ \t\n\r]*")
_SEPARATOR = re.compile(r"[ \t\n\r]*([,\]])[ \t\n\r]*")
_FLAT_OBJECT = re.compile(r"\{[^{}\[\]]*+\}")
# An object with brackets, as values or within texts, is decoded from a piece of these lengths.
_PIECE_LENGTHS = (2_000, 16_000)
_ESCAPE_LENGTH = len(r"\u0000")  # an escape may be cut in two as well


def _refuse_constant(name: str) -> NoReturn:
    raise UnreadableJSON(f"{name} is not a JSON number.")


def _refuse_repeated_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    row = dict(pairs)
    if len(row) != len(pairs):
        repeated, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise UnreadableJSON(f"The key {show_value(repeated)} appears twice in one object.")
    return row


_decoder = json.JSONDecoder(object_pairs_hook=_refuse_repeated_keys, parse_constant=_refuse_constant)


def loads(text: str | bytes) -> Any:
    """Decode trusted JSON of any size; bytes are UTF-8, with or without a byte order mark.

    Raises
    ------
    UnreadableJSON
        For anything but one strict JSON document.
    """
    with _errors_in_words():
        return _decoder.decode(_decode_utf8(text))


def _decode_utf8(text: str | bytes) -> str:
    """Decode bytes as UTF-8; a text is returned as it is."""
    return text.decode("utf-8-sig") if isinstance(text, bytes) else text


@contextlib.contextmanager
def _errors_in_words() -> Iterator[None]:
    """Raise `UnreadableJSON`, in words, for every error of the decoder."""
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
        raise UnreadableJSON(f"The JSON contains a number that cannot be read: {error}.") from None


def decode_json(text: str | bytes, max_rows: int, values_per_row: int = VALUES_PER_ROW) -> object:
    """Decode an object, an array of at most `max_rows` objects, or a single text, number or constant.

    Parameters
    ----------
    values_per_row : int
        The document may hold as many values for each of `max_rows` rows.

    Raises
    ------
    UnreadableJSON
        For anything but one strict JSON document, and for an array with rows that are no objects.
    TooManyRows
        At the first row after `max_rows`.
    TooManyValues
        For a document, or a nested object, that contains more values than applications have.
    """
    with _errors_in_words():
        text = _decode_utf8(text)
        most = max(MIN_VALUES, values_per_row * max_rows)
        document, end = _document(text, _after_blank(text, 0), max_rows, most)
        if (rest := _after_blank(text, end)) < len(text):
            raise json.JSONDecodeError("Extra data", text, rest)
        return document


def _document(text: str, at: int, max_rows: int, most: int) -> tuple[object, int]:
    if text.startswith("{", at):
        _check_number_of_values(text, max_rows, most)
        return _object(text, at, "The object")
    return _array(text, at, max_rows, most) if text.startswith("[", at) else _decoder.raw_decode(text, at)


def _check_number_of_values(text: str, max_rows: int, most: int) -> None:
    """Refuse too many values, counted by their commas and opening brackets."""
    if sum(map(text.count, ",[{")) > most:
        raise TooManyValues(f"The body contains more values than {max_rows:,} applications have.")


def _after_blank(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _array(text: str, at: int, max_rows: int, most: int) -> tuple[list[object], int]:
    """Return the rows of an array and the position after it."""
    first = _after_blank(text, at + 1)
    if not text.startswith(("{", "]"), first):
        _row(text, first, 0)
    _check_number_of_values(text, max_rows, most)
    if text.count("[") == 1 and text.count("{") <= max_rows:
        return _flat_array(text, at)
    return _row_by_row(text, first, max_rows)


def _flat_array(text: str, at: int) -> tuple[list[object], int]:
    """Decode an array without nested values at once, three times as fast as row by row."""
    rows, end = _decoder.raw_decode(text, at)
    for index, row in enumerate(rows):
        if not isinstance(row, dict):
            raise _not_an_object(index, row)
    return rows, end


def _row_by_row(text: str, at: int, max_rows: int) -> tuple[list[object], int]:
    rows: list[object] = []
    while True:
        if len(rows) == max_rows:
            raise TooManyRows(max_rows)
        row, end = _row(text, at, len(rows))
        rows.append(row)
        separator = _SEPARATOR.match(text, end)
        if not separator:
            raise json.JSONDecodeError("Expecting ',' delimiter", text, end)
        if separator[1] == "]":
            return rows, separator.end()
        at = separator.end()


def _row(text: str, at: int, index: int) -> tuple[object, int]:
    if text.startswith("{", at):
        return _object(text, at, f"The object at index {index}")
    raise _not_an_object(index, [] if text.startswith("[", at) else _decoder.raw_decode(text, at)[0])


def _not_an_object(index: int, value: object) -> UnreadableJSON:
    return UnreadableJSON(f"An object is expected at index {index}, not {show_value(value)}.")


def _object(text: str, at: int, name: str) -> tuple[object, int]:
    """Return an object and the position after it.

    The object is decoded from a piece of the text that has room for few values. A piece that ends within the
    object proves nothing, so a longer one is tried.
    """
    flat = _FLAT_OBJECT.match(text, at)
    for end in [*([flat.end()] if flat else []), *(at + length for length in _PIECE_LENGTHS)]:
        piece = text[at:end]
        try:
            value, length = _decoder.raw_decode(piece)
            return value, at + length
        except json.JSONDecodeError as error:
            cut_off = error.pos > len(piece) - _ESCAPE_LENGTH or error.msg.startswith("Unterminated")
            if not (cut_off and end < len(text)):
                raise json.JSONDecodeError(error.msg, text, at + error.pos) from None
    raise TooManyValues(f"{name} contains more values than an application has.")
