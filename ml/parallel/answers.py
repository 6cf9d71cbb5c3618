"""What a function said of an item, or what it raised, kept until its turn comes."""

from collections.abc import Callable
from typing import Any

Answer = tuple[Any, Exception | None]


def answer(function: Callable[[Any], Any], item: Any) -> Answer:
    """Call the function, and keep its error."""
    try:
        return function(item), None
    except Exception as error:
        return None, error


def said(kept: Answer) -> Any:
    """Return what was said, or raise what was raised."""
    result, error = kept
    if error:
        raise error
    return result
