"""Find the column with an application's ID, and columns that only identify something else."""

import numpy as np

from ml.applications.records import fold
from ml.applications.types import Floats
from ml.applications.values import LOAN_ID_LENGTH
from ml.errors import DatasetError, DatasetFault
from ml.schemas.draft import words
from ml.schemas.draft.cells import Cells
from ml.schemas.draft.formats import format_of
from ml.schemas.draft.table import DraftTable
from ml.schemas.names import is_column_name
from ml.schemas.schema import LOAN_ID


def find_id(name: str, table: DraftTable, target: int) -> int | None:
    """Return the place of the column that looks most like an application's ID.

    That is a column of different values, none missing, whose heading says so; or else the first column, if
    its values are different texts.
    """
    unique = [
        place
        for place, cells in enumerate(table.cells)
        if place != target and _may_be_id(table, place, cells)
    ]
    for place, heading in enumerate(table.headings):
        if fold(heading) == fold(LOAN_ID) and place != target:
            if place not in unique:
                raise DatasetError(name, [DatasetFault(1, heading, None, _RESERVED_ID)])
            return place
    ranks = {place: words.id_rank(table.headings[place]) for place in unique}
    best = max(ranks, key=lambda place: (ranks[place], -place), default=None)
    if best is not None and ranks[best]:
        return best
    texts = table.cells[0].texts and not table.cells[0].number_count
    return 0 if 0 in unique and texts and not words.is_of_person(table.headings[0]) else None


_RESERVED_ID = (
    f"{LOAN_ID} is the name of an application's ID: different values, none missing, are expected; rename it"
)


def _may_be_id(table: DraftTable, place: int, cells: Cells) -> bool:
    whole = not cells.number_count or bool((cells.numbers[~np.isnan(cells.numbers)] % 1 == 0).all())
    dates = format_of(cells.texts)[0] == "date"
    return (
        cells.is_unique
        and whole
        and is_column_name(table.headings[place])
        and not dates
        and cells.printable
        and cells.longest <= LOAN_ID_LENGTH
    )


def identifying_note(heading: str, cells: Cells, rows: int) -> str | None:
    """Return a note if a column only tells rows apart, which no model should learn by heart."""
    if rows >= _COUNTED_ROWS and cells.is_unique and not cells.texts and _counts_rows(cells.numbers):
        return "It only numbers the rows."
    rank, differ = words.id_rank(heading), cells.distinct > _MOSTLY_DIFFERENT * cells.present
    if (rank and cells.is_unique) or (rank >= _SURE_ID and differ):
        return "It seems to be an ID of something else."
    if words.is_of_person(heading) and differ:
        return "It seems to identify a person."
    return None


def _counts_rows(numbers: Floats) -> bool:
    """Return True for the numbers from 0 or 1 on, in any order."""
    first = numbers.min()
    return first in (0, 1) and np.array_equal(np.sort(numbers), np.arange(first, first + len(numbers)))


_MOSTLY_DIFFERENT = 0.5
_COUNTED_ROWS = 50
_SURE_ID = 15  # the heading says ID or the like
