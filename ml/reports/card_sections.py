"""What a model card is made of: sections of words and tables, from facts that must all be there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ml.errors import CardFieldMissing

Facts = Mapping[str, Any]
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of a row is its heading."""

    caption: str
    head: Row
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its paragraphs, then its points as a list, then its tables."""

    title: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


def need(facts: Facts, field: str) -> Any:
    """Return the fact at a path such as ``"report.cross_validation.repeats"``.

    Raises
    ------
    CardFieldMissing
        When the path ends early, or in nothing: ``None``, an empty text, list or mapping.
    """
    found = _follow(facts, field)
    if found is None or (isinstance(found, str | list | tuple | Mapping) and not found):
        raise CardFieldMissing(field)
    return found


def need_list(facts: Facts, field: str) -> list[Any]:
    """Return the list at a path; it may be empty, but not missing."""
    found = _follow(facts, field)
    if found is None:
        raise CardFieldMissing(field)
    return list(found)


def _follow(facts: Any, field: str) -> Any:
    for name in field.split("."):
        facts = facts.get(name) if isinstance(facts, Mapping) else None
    return facts
