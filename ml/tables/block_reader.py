"""Check blocks of cells by the rules of `ml.applications.values`, for millions of applications.

Each distinct cell is checked once. A block that `ml.tables.plain_block` accepts as a whole needs no check by
cell. Refused rows are read again, field by field, to list their faults.
"""

from collections.abc import Callable, Sequence
from itertools import compress
from typing import Any, NamedTuple

import numpy as np

from ml.applications.error_texts import may_hold_errors
from ml.applications.number_texts import Convention
from ml.applications.records import record_kind
from ml.applications.spellings import from_cell, loan_id_from_cell
from ml.applications.types import Column, Columns, Record, Value, take_rows
from ml.applications.values import LOAN_ID_LENGTH, stripped
from ml.errors import DatasetFault, InvalidValue
from ml.schemas.features import Feature
from ml.schemas.schema import Schema
from ml.tables.csv_chunk import CellBlock
from ml.tables.plain_block import PlainBlock
from ml.tables.plain_ids import PlainIds
from ml.tables.row_faults import cell_text, made_id, read_row

_MAX_CACHED = 100_000  # cells of a feature


class RefusedRow(NamedTuple):
    """A row that is not scored: its Loan_ID as written in the table, and every fault."""

    loan_id: str
    faults: list[DatasetFault]


class CheckedBlock(NamedTuple):
    """The valid rows of a block as columns, in their order, the refused rows, and the lines of valid rows."""

    loan_ids: Sequence[str]
    columns: Columns
    refused: list[RefusedRow]
    lines: Sequence[int]

    def take(self, rows: Sequence[int]) -> "CheckedBlock":
        """Return the valid rows with these numbers, and all refused ones."""
        places = np.array(rows, dtype=np.int64)
        return CheckedBlock(
            [self.loan_ids[row] for row in rows],
            {name: take_rows(column, places) for name, column in self.columns.items()},
            self.refused,
            [self.lines[row] for row in rows],
        )


class _CellValues(dict[object, Value]):
    """Values of the cells of a feature, each checked once; `refused` are the invalid cells of this block."""

    def __init__(self, feature: Feature, convention: Convention | None) -> None:
        super().__init__()
        self._feature, self._convention = feature, convention
        self.refused: set[object] = set()

    def __missing__(self, cell: object) -> Value:
        try:
            value = self[cell] = from_cell(self._feature, cell, self._convention)
        except InvalidValue:
            self.refused.add(cell)
            return None
        return value

    def start_block(self) -> None:
        """Forget the refused cells of the last block, and all cells if there are too many."""
        self.refused.clear()
        if len(self) > _MAX_CACHED:
            self.clear()


class BlockReader:
    """Checks blocks, and remembers the value of each cell: most cells repeat.

    Parameters
    ----------
    schema : Schema
    made_id : callable
        Returns the ID of the row in a line, where the schema's IDs are made.
    """

    def __init__(self, schema: Schema, made_id: Callable[[int], str] = made_id) -> None:
        self._schema, self._made_id = schema, made_id
        self._values: dict[Convention | None, dict[str, _CellValues]] = {}

    def __call__(self, block: CellBlock | PlainBlock) -> CheckedBlock:
        """Return the valid and the refused rows of a block."""
        checked = self._read_plain_block(block) if isinstance(block, PlainBlock) else None
        return checked or self._read_cell_by_cell(block)

    def _read_cell_by_cell(self, block: CellBlock | PlainBlock) -> CheckedBlock:
        known = self._values_under(block.convention)
        cells = {name: block.columns[name] for name in known if name in block.columns}
        absent: list[Value] = [None] * len(block.lines)
        columns = {
            name: _column(values, cells[name]) if name in cells else absent for name, values in known.items()
        }
        loan_ids = self._loan_ids(block)
        refused = {row for name, values in cells.items() for row in _refused_rows(known[name], values)}
        if None in loan_ids:
            refused.update(row for row, loan_id in enumerate(loan_ids) if loan_id is None)
        if not refused:
            return CheckedBlock(loan_ids, columns, [], block.lines)
        valid = [row not in refused for row in range(len(loan_ids))]
        columns = {name: list(compress(values, valid)) for name, values in columns.items()}
        refusals = [self._refusal(block, row) for row in sorted(refused)]
        lines = list(compress(block.lines, valid))
        return CheckedBlock(list(compress(loan_ids, valid)), columns, refusals, lines)

    def _values_under(self, convention: Convention | None) -> dict[str, _CellValues]:
        """Return the remembered values of each column under a convention."""
        if convention not in self._values:
            features = self._schema.features
            self._values[convention] = {f.column: _CellValues(f, convention) for f in features}
        return self._values[convention]

    def _read_plain_block(self, block: PlainBlock) -> CheckedBlock | None:
        """Return the rows of a block if all its cells are plain and valid, else ``None``."""
        columns = block.values(self._schema)
        if columns is None:
            return None
        loan_ids = plain_ids(self._schema, block) or self._loan_ids(block)
        is_valid = isinstance(loan_ids, PlainIds) or None not in loan_ids
        return CheckedBlock(loan_ids, columns, [], block.lines) if is_valid else None

    def _loan_ids(self, block: CellBlock | PlainBlock) -> Sequence[Any]:
        """Return the checked IDs, ``None`` for invalid ones; make missing ones if the schema says so."""
        cells = id_cells(self._schema, block)
        if cells is None:
            return [*map(self._made_id, block.lines)]
        if self._schema.id_column is None:
            cells = [
                self._made_id(line) if _is_empty(cell) else cell
                for cell, line in zip(cells, block.lines, strict=True)
            ]
        return _loan_ids(cells)

    def _refusal(self, block: CellBlock | PlainBlock, row: int) -> RefusedRow:
        cells = {name: column[row] for name, column in block.columns.items()}
        _, faults = read_row(self._schema, block.lines[row], cells, block.convention)
        return RefusedRow(cell_text(cells.get(self._schema.id_field)), faults)


def _column(values: _CellValues, cells: Sequence[object]) -> list[Value]:
    values.start_block()
    return list(map(values.__getitem__, cells))


def _refused_rows(values: _CellValues, cells: Sequence[object]) -> list[int]:
    return [row for row, cell in enumerate(cells) if cell in values.refused] if values.refused else []


def id_cells(schema: Schema, block: CellBlock | PlainBlock) -> Sequence[Any] | None:
    """Return the IDs of a block as written in the file; ``None`` if it has no column of them."""
    return block.cells(schema.id_field) if schema.id_field in block.names else None


def plain_ids(schema: Schema, block: CellBlock | PlainBlock) -> PlainIds | None:
    """Return the IDs of a block if all are plain."""
    if isinstance(block, PlainBlock) and schema.id_field in block.names:
        return block.plain_ids(schema.id_field)
    return None


def _is_empty(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not stripped(cell))


def _loan_ids(cells: Sequence[Any]) -> Sequence[Any]:
    """Return the checked Loan_IDs, ``None`` for invalid ones."""
    try:
        joined = "".join(cells)
    except TypeError:  # some are no texts
        return [*map(_loan_id, cells)]
    lengths = set(map(len, cells))
    # Printable ASCII without spaces is valid anywhere in a Loan_ID, but no error of a spreadsheet is one:
    # usually all are checked at once.
    plain = joined.isascii() and joined.isprintable() and " " not in joined and not may_hold_errors(joined)
    return cells if plain and 0 not in lengths and max(lengths) <= LOAN_ID_LENGTH else [*map(_loan_id, cells)]


def _loan_id(cell: object) -> str | None:
    try:
        return loan_id_from_cell(cell)
    except InvalidValue:
        return None


def records_of(schema: Schema, loan_ids: Sequence[str], columns: Columns) -> list[Record]:
    """Return the rows of a `CheckedBlock` as records, without checking them again."""
    names = ("loan_id", *(feature.name for feature in schema.features))
    values = zip(loan_ids, *(python_values(columns[name]) for name in schema.columns), strict=True)
    record_type = record_kind(schema).record_type
    return [record_type(**dict(zip(names, row, strict=True))) for row in values]


def python_values(column: Column) -> list[Value]:
    """Return a column as Python values, ``None`` in place of NaN (see `to_python`)."""
    if not isinstance(column, np.ndarray):
        return list(column)
    values: list[Value] = column.tolist()
    for row in np.flatnonzero(np.isnan(column)).tolist():
        values[row] = None
    return values
