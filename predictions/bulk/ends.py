"""The two ends of a bulk run: where applications come from, and where results go."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from predictions.bulk.scoring import Chunk, Form


@dataclass(frozen=True, slots=True)
class Source:
    """Applications, opened.

    `place` is what a row's number is called. `done` says how much has been read and how much there is, if
    that is known, in `unit`; `sha256` is of all that was read, or of the query that asked for it; `empty` is
    what to raise when there was no row.
    """

    name: str
    place: str
    chunks: Iterable[Chunk]
    empty: Exception
    unit: str
    done: Callable[[], tuple[int, int | None]]
    sha256: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Output:
    """A place for results, opened.

    `write` takes the rows of a chunk in their form; `sha256` is of a file's bytes, and empty for a table.
    """

    name: str
    form: Form[Any, Any]
    write: Callable[[Any], object]
    sha256: Callable[[], str]
