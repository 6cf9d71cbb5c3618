"""Find out from all cells of a file whether its numbers have a decimal point or a decimal comma."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from ml.applications.number_texts import NUMBER_START, Convention, evidence, is_open, number_readings
from ml.errors import DatasetError, DatasetFault, place_word
from ml.intake.rows import Cell

_DIGIT = re.compile("[0-9]")
_MARK_BEFORE_SPACE = re.compile(r"^[.,]\s+")  # of an abbreviation: Rs. 5,000
_MAX_KNOWN = 200_000
_OPEN_SHOWN = 5
_OTHER = {Convention.POINT: Convention.COMMA, Convention.COMMA: Convention.POINT}


class PlacedCell(NamedTuple):
    """A cell, with the heading and the line where it stands."""

    line: int
    heading: str
    text: str


class OpenCell(NamedTuple):
    """A cell whose number depends on the convention, with the plain decimals that it may mean."""

    line: int
    heading: str
    text: str
    point: str
    comma: str


class ConventionFinder:
    """Collects what the cells of number columns say.

    Attributes
    ----------
    counts : Counter
        Cells that prove a convention.
    open_cells : list of OpenCell
        The first cells that both conventions read, differently.
    """

    def __init__(self) -> None:
        self.counts: Counter[Convention] = Counter()
        self.open_cells: list[OpenCell] = []
        self._first: dict[Convention, PlacedCell] = {}
        self._known: dict[str, Convention | None] = {}
        self._opened: set[str] = set()

    def add(self, heading: str, lines: Sequence[int], cells: Sequence[Cell]) -> None:
        """Look at the cells of a column of some rows."""
        marked = [
            (line, cell)
            for line, cell in zip(lines, cells, strict=True)
            if isinstance(cell, str) and ("," in cell or "." in cell)
        ]
        first_lines = {cell: line for line, cell in reversed(marked)}
        for cell, count in Counter(cell for _, cell in marked).items():
            if cell not in self._known:
                self._judge(PlacedCell(first_lines[cell], heading, cell))
            convention = self._known[cell]
            if convention is not None:
                self.counts[convention] += count
        if len(self._known) > _MAX_KNOWN:
            self._known.clear()

    def _judge(self, cell: PlacedCell) -> None:
        number = number_in(cell.text)
        self._known[cell.text] = convention = evidence(number)
        if convention is not None:
            self._first.setdefault(convention, cell)
        elif len(self.open_cells) < _OPEN_SHOWN and cell.text not in self._opened and is_open(number):
            self._opened.add(cell.text)
            point, comma = number_readings(number)
            self.open_cells.append(OpenCell(*cell, point or "", comma or ""))

    def convention(self, name: str, separator: str | None) -> Convention | None:
        """Return the convention of the file; ``None`` if no cell proves one.

        Parameters
        ----------
        separator : str or None
            What separates the cells of a text file. Behind a comma, numbers are expected to have a point.

        Raises
        ------
        DatasetError
            If two cells contradict each other.
        """
        if len(self._first) > 1:
            raise DatasetError(name, [*self._contradiction(place_word(name))])
        for convention in self._first:
            return convention
        return Convention.POINT if separator == "," else None

    def _contradiction(self, place: str) -> list[DatasetFault]:
        cells = sorted(self._first.items(), key=lambda item: item[1].line)
        faults = []
        for (convention, cell), (_, other) in zip(cells, reversed(cells), strict=True):
            expected = (
                f"one decimal mark is expected in the whole file: this number has a decimal {convention}, "
                f"the number {other.text!r} in {place} {other.line} has a decimal {_OTHER[convention]}"
            )
            faults.append(DatasetFault(cell.line, cell.heading, cell.text, expected))
        return faults

    def words(self, convention: Convention | None, separator: str | None) -> str:
        """Say where a found convention comes from."""
        if convention is None:
            return "nothing in the file decides" if self.open_cells else "no number in the file needs it"
        count = self.counts[convention]
        if count:
            return f"found from {count:,} cell{'s' if count > 1 else ''} with a decimal {convention}"
        return "found from the comma between cells" if separator == "," else ""


def number_in(text: str) -> str:
    """Return the number in a text with a currency or a unit; empty if there is none.

    Examples
    --------
    >>> number_in("Rs. 5.849,50 per month"), number_in("none")
    ('5.849,50', '')
    """
    match = next((match[0] for match in NUMBER_START.finditer(text) if _DIGIT.search(match[0])), "")
    return _MARK_BEFORE_SPACE.sub("", match.strip())
