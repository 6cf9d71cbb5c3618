"""Strict JSON reading: what `json` lets through silently (NaN, repeated keys, endless nesting) is refused."""

import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, NoReturn

from ml.applications.values import show
from ml.errors import UnreadableJSON


def _refuse_constant(name: str) -> NoReturn:
    raise UnreadableJSON(f"{name} is not a JSON number.")


def _refuse_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise UnreadableJSON(f"The key {show(twice)} stands twice in one object.")
    return row


decoder = json.JSONDecoder(object_pairs_hook=_refuse_repeats, parse_constant=_refuse_constant)


def loads(text: str | bytes) -> Any:
    """Decode JSON text; bytes are UTF-8, with or without a byte order mark.

    Raises
    ------
    UnreadableJSON
        For anything that is not one strict JSON document.
    """
    with readable():
        return decoder.decode(text_of(text))


def text_of(text: str | bytes) -> str:
    """Return text as it is, and bytes as the UTF-8 that they are."""
    return text.decode("utf-8-sig") if isinstance(text, bytes) else text


@contextlib.contextmanager
def readable() -> Iterator[None]:
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
