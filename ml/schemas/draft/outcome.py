"""Help a person to say which column of a table is the outcome, and which of its values are good."""

from collections import Counter
from typing import NamedTuple

from ml.errors import DatasetError, DatasetFault
from ml.schemas.draft import words
from ml.schemas.draft.names import check_headings
from ml.schemas.draft.table import MAX_COLUMNS, csv_rows
from ml.schemas.draft.target import TargetColumn, draft_target
from ml.schemas.features import MISSING_TEXT
from ml.tables.safe_csv import unescape_formula

MAX_VALUES = 50  # of an outcome that a person can sort into good and bad


class OutcomeValues(NamedTuple):
    """The values of a column with their rows, and those that known words call good."""

    counts: dict[str, int]
    good: tuple[str, ...]


def read_headings(name: str, content: bytes) -> list[str]:
    """Return the headings of a CSV file.

    Raises
    ------
    DatasetError
        If the file is no CSV table of two columns or more, or if two headings are alike.
    """
    _, cells = next(csv_rows(name, content), (1, ()))
    headings = [cell.strip() for cell in cells]
    if not 2 <= len(headings) <= MAX_COLUMNS:
        expected = f"a heading of 2 to {MAX_COLUMNS} columns is expected, not {len(headings)}"
        raise DatasetError(name, [DatasetFault(1, None, None, expected)])
    check_headings(name, headings)
    return headings


def likely_outcome(headings: list[str]) -> str:
    """Return the heading that most looks like an outcome: the last one named after one, or the last one.

    Examples
    --------
    >>> likely_outcome(["deny", "income"]), likely_outcome(["income", "y"])
    ('deny', 'y')
    """
    named = [heading for heading in headings if words.target_sense(heading)]
    return named[-1] if named else headings[-1]


def outcome_values(name: str, content: bytes, heading: str) -> OutcomeValues:
    """Return the values of a column, the most frequent first; empty cells are left out.

    Raises
    ------
    DatasetError
        If the column has more than `MAX_VALUES` values, or none.
    """
    rows = csv_rows(name, content)
    headings = [cell.strip() for cell in next(rows)[1]]
    if heading not in headings:
        raise DatasetError(name, [DatasetFault(1, heading, None, "this column is expected")])
    place = headings.index(heading)
    texts = (unescape_formula(cells[place]).strip() for _, cells in rows if len(cells) > place)
    counts = dict(Counter(text for text in texts if text not in MISSING_TEXT).most_common())
    if not 1 < len(counts) <= MAX_VALUES:
        expected = f"an outcome of 2 to {MAX_VALUES} values is expected, not {len(counts):,}"
        raise DatasetError(name, [DatasetFault(1, heading, None, expected)])
    return OutcomeValues(counts, _known_good(name, heading, counts))


def _known_good(name: str, heading: str, counts: dict[str, int]) -> tuple[str, ...]:
    try:
        return draft_target(TargetColumn(name, heading, counts, ()), (), ()).good
    except DatasetError:  # words do not tell
        return ()
