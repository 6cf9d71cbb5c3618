"""Read JSON strictly: NaN, repeated keys, deep nesting and too many values are refused.

Decoding costs time and memory by the value, not by the byte: eight megabytes of ``[],[],...`` become three
million lists. So values are counted, by the commas and brackets between them, before they are decoded.
"""

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
        raise UnreadableJSON(f"The key {show_value(twice)} appears twice in one object.")
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
    """Return text unchanged, and decode bytes as UTF-8."""
    return text.decode("utf-8-sig") if isinstance(text, bytes) else text


@contextlib.contextmanager
def json_errors_in_words() -> Iterator[None]:
    """Translate the errors of the decoder into `UnreadableJSON` with a plain message."""
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
    except ValueError as error:  # for example an integer of thousands of digits
        raise UnreadableJSON(f"The JSON holds a number that cannot be read: {error}.") from None


# A document may contain MIN_VALUES values, or VALUES_PER_ROW for each allowed row if that is more.
MIN_VALUES, VALUES_PER_ROW = 1_000, 30
_BLANK = re.compile(r"[ \t\n\r]*")
_NEXT = re.compile(r"[ \t\n\r]*([,\]])[ \t\n\r]*")
_FLAT = re.compile(r"\{[^{}\[\]]*+\}")
# Characters in which an object with brackets, as values or in texts, is searched for; few values fit in.
_WINDOWS = (2_000, 16_000)
_ESCAPE = len(r"\u0000")  # may be cut in two


def decode_json(text: str | bytes, limit: int) -> Any:
    """Decode an object, an array of at most `limit` objects, or a single text, number or constant.

    Raises
    ------
    UnreadableJSON
        For anything that is not one strict JSON document, and for an array of anything but objects.
    TooManyRows
        For an array of more than `limit` objects.
    TooManyValues
        For a document, or a nested object, with more values than applications have.

    Examples
    --------
    >>> decode_json('[{"Loan_ID": "LP-1"}]', limit=100)
    [{'Loan_ID': 'LP-1'}]
    >>> decode_json('{"LoanAmount": NaN}', limit=100)
    Traceback (most recent call last):
    ml.errors.UnreadableJSON: NaN is not a JSON number.
    """
    with json_errors_in_words():
        text = decode_utf8(text)
        document, end = _document(text, _after_blank(text, 0), limit)
        if (rest := _after_blank(text, end)) < len(text):
            raise json.JSONDecodeError("Extra data", text, rest)
        return document


def _document(text: str, at: int, limit: int) -> tuple[Any, int]:
    if text.startswith("{", at):
        _check_values(text, limit)
        return _object(text, at, "The object")
    return _array(text, at, limit) if text.startswith("[", at) else strict_decoder.raw_decode(text, at)


def _check_values(text: str, limit: int) -> None:
    """Refuse too many values. A comma or bracket precedes every value but the first of an object."""
    if sum(map(text.count, ",[{")) > max(MIN_VALUES, VALUES_PER_ROW * limit):
        raise TooManyValues(f"The body holds more values than {limit:,} applications have.")


def _after_blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _array(text: str, at: int, limit: int) -> tuple[list[Any], int]:
    """Return the rows of an array and the position behind it."""
    first = _after_blank(text, at + 1)
    if not text.startswith(("{", "]"), first):
        _row(text, first, 0)
    _check_values(text, limit)
    if text.count("[") == 1 and text.count("{") <= limit:
        return _whole_array(text, at)
    return _row_by_row(text, first, limit)


def _whole_array(text: str, at: int) -> tuple[list[Any], int]:
    """Decode an array at once, which takes at most a third of the time for most calls."""
    rows, end = strict_decoder.raw_decode(text, at)
    for index, row in enumerate(rows):
        if not isinstance(row, dict):
            raise _no_object(index, row)
    return rows, end


def _row_by_row(text: str, at: int, limit: int) -> tuple[list[Any], int]:
    rows: list[Any] = []
    while True:
        if len(rows) == limit:
            raise TooManyRows(limit)
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
    """Return an object and the position behind it, decoded from a short piece of the text.

    If the object does not end in the piece, a longer piece is tried. Short pieces contain few values.
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
