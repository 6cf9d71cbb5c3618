"""Walk all rows of a file once: empty and index columns, the number convention, likely divisors."""

import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from ml.applications.number_texts import number_readings
from ml.applications.values import show_value
from ml.errors import DatasetError, DatasetFault, InvalidValue, place_word
from ml.intake.conventions import ConventionFinder, number_in
from ml.intake.headings import Heading
from ml.intake.rows import Block, Cell, Row, blocks_of, fitted_rows, is_empty
from ml.intake.sources import Source
from ml.schemas.features import Feature, Kind
from ml.schemas.schema import Schema

HEAD_ROWS = 20
_SAMPLE = 1000  # values of a column, for its median
_THOUSAND = 1000.0
_LONGEST = 20  # characters of a row's number; Python refuses to read one of thousands of digits


@dataclass
class Survey:
    """What all rows of a file say.

    Attributes
    ----------
    dropped : dict of int to str
        Places of columns that nobody needs, and why.
    is_regular : bool
        Whether each row of a text file is one for the readers of `ml.tables`: no column is dropped, no row is
        empty.
    rows : int or None
        ``None`` if they were not counted.
    """

    finder: ConventionFinder = field(default_factory=ConventionFinder)
    dropped: dict[int, str] = field(default_factory=dict)
    is_regular: bool = False
    rows: int | None = 0
    head: list[Row] = field(default_factory=list)
    per_suggested: dict[str, float] = field(default_factory=dict)

    @property
    def notes(self) -> list[str]:
        """Sentences about dropped columns."""
        return [words for words in self.dropped.values() if words]


def survey(schema: Schema, source: Source, header: Row, headings: Sequence[Heading]) -> Survey:
    """Walk the rows below the headings.

    Raises
    ------
    DatasetError
        For rows of another length, values below a blank heading, a file without rows.
    """
    if source.blocks is None:
        below = (row for row in source.rows() if row[0] > header[0])
        return survey_rows(schema, source.name, below, header, headings)
    blocks = source.below(header[0], [heading.text for heading in headings])
    return _survey_blocks(schema, source.name, blocks, header, headings)


def survey_rows(
    schema: Schema, name: str, below: Iterable[Row], header: Row, headings: Sequence[Heading]
) -> Survey:
    """Walk the rows of a text file below the headings. Raises `DatasetError` as `survey` does."""
    counted = _CountedRows(below)
    fitted = fitted_rows(name, counted, [heading.text for heading in headings])
    facts = _survey_blocks(schema, name, blocks_of(fitted), header, headings)
    facts.is_regular = not facts.dropped and counted.are_regular(facts.rows or 0, len(headings))
    return facts


def _survey_blocks(
    schema: Schema, name: str, blocks: Iterable[Block], header: Row, headings: Sequence[Heading]
) -> Survey:
    facts = Survey()
    numbers = [
        (h, schema.by_column[h.column]) for h in headings if h.column and has_numbers(schema, h.column)
    ]
    unnamed = [_UnnamedColumn(heading.place) for heading in headings if not heading.text]
    amounts = {feature.column: _Amounts(feature) for _, feature in numbers if _in_thousands(feature)}
    for block in blocks:
        lines, columns = block
        facts.head += islice(block.rows(), HEAD_ROWS - len(facts.head))
        facts.rows = (facts.rows or 0) + len(lines)
        for heading, feature in numbers:
            facts.finder.add(heading.text, lines, columns[heading.place])
            if feature.column in amounts:
                amounts[feature.column].add(columns[heading.place])
        for column in unnamed:
            column.add(lines, columns[column.place])
    if not facts.rows:
        raise DatasetError(name, [DatasetFault(header[0] + 1, None, None, "at least one row is expected")])
    facts.dropped = {column.place: column.reason(name, header[0]) for column in unnamed}
    facts.per_suggested = {column: _THOUSAND for column, values in amounts.items() if values.are_in_units}
    return facts


def has_numbers(schema: Schema, column: str | None) -> bool:
    """Return True for a column in which a text may be a number."""
    feature = schema.by_column.get(column or "")
    return feature is not None and (feature.kind is Kind.NUMBER or bool(feature.numbers))


def require_amounts(schema: Schema, columns: Iterable[str]) -> None:
    """Raise `InvalidValue` if a column is none of the schema's, or its values cannot be divided."""
    amounts = [f.column for f in schema.features if f.kind is Kind.NUMBER and not f.choices]
    for column in columns:
        if column not in amounts:
            fault = "has no numbers to divide" if column in schema.by_column else "is no column to divide"
            expected = f"expected one of {', '.join(amounts)}" if amounts else "the schema has no numbers"
            raise InvalidValue("invalid_choice", f"{show_value(column)} {fault}; {expected}.")


class _CountedRows:
    """Passes rows on, and counts them and their cells."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows, self._count, self._cells = rows, 0, 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self._count += 1
            self._cells += len(row[1])
            yield row

    def are_regular(self, fitted: int, width: int) -> bool:
        """Return True if no row was passed over or cut."""
        return self._count == fitted and self._cells == fitted * width


class _UnnamedColumn:
    """A column without a heading: empty, an index, or a fault."""

    def __init__(self, place: int) -> None:
        self.place = place
        self._count = 0
        self._start: int | None = None
        self._is_empty = self._is_index = True
        self._line, self._value = 0, ""

    def add(self, lines: Sequence[int], cells: Sequence[Cell]) -> None:
        if not self._value:
            full = next((place for place, cell in enumerate(cells) if not is_empty(cell)), None)
            if full is not None:
                self._line, self._value = lines[full], f"{cells[full]}"
                self._is_empty = False
        if self._is_index and not self._is_empty:
            self._is_index = self._counts_on(cells)
        elif self._is_empty:
            self._is_index = True
        self._count += len(cells)

    def _counts_on(self, cells: Sequence[Cell]) -> bool:
        """Return True if the cells go on with the numbers of rows from 0 or from 1."""
        numbers = [int(cell) if _is_whole(cell) else None for cell in cells]
        if self._start is None:
            self._start = 1 if numbers[0] == self._count + 1 else 0
        first = self._count + self._start
        return numbers == [*range(first, first + len(cells))]

    def reason(self, name: str, header: int) -> str:
        """Say why the column is dropped; nothing for an empty one."""
        if self._is_empty:
            return ""
        if self._is_index:
            return f"Column {self.place + 1} has no heading and only counts the rows; it is left out."
        where = f"{place_word(name)} {header} above the values of column {self.place + 1}"
        expected = f"a heading is expected in {where}"
        raise DatasetError(name, [DatasetFault(self._line, None, self._value[:80], expected)])


def _is_whole(cell: Cell) -> bool:
    return cell.is_integer() if isinstance(cell, float) else len(cell) < _LONGEST and cell.strip().isdecimal()


class _Amounts:
    """The first values of a column that holds thousands."""

    def __init__(self, feature: Feature) -> None:
        self._feature, self._values = feature, list[float]()

    def add(self, cells: Sequence[Cell]) -> None:
        values = (_largest_reading(cell) for cell in cells[: _SAMPLE - len(self._values)])
        self._values += [value for value in values if value]

    @property
    def are_in_units(self) -> bool:
        """Whether each value is above the usual ones, and a thousandth of their median is usual."""
        low, high = self._feature.usual
        if not self._values or min(self._values) <= high:
            return False
        return low <= statistics.median(self._values) / _THOUSAND <= high


def _in_thousands(feature: Feature) -> bool:
    return not feature.choices and (feature.unit == "thousands" or feature.scale == _THOUSAND)


def _largest_reading(cell: Cell) -> float | None:
    """Return a number, or of an ambiguous one the larger reading: amounts are seldom in thousandths."""
    if not isinstance(cell, str):
        return float(cell)
    readings = [float(reading) for reading in number_readings(number_in(cell)) if reading is not None]
    return max(readings, default=None)
