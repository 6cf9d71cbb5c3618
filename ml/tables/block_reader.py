"""Applications by the million: blocks of cells to checked columns.

The rules are those of `ml.applications.values`, asked once per distinct cell, and not even that where
`ml.tables.plain_block`
accepts all of a block. Rows that are refused are read again, field by field, for their faults.
"""

from collections.abc import Sequence
from itertools import compress
from typing import Any, NamedTuple

import numpy as np

from ml.applications.records import ApplicationRecord
from ml.applications.schema import FEATURES, LOAN_ID, Feature
from ml.applications.types import Columns, Record, Value
from ml.applications.values import LOAN_ID_LENGTH, from_cell, loan_id_from_cell
from ml.errors import DatasetFault, InvalidValue
from ml.tables.csv_chunk import CellBlock
from ml.tables.plain_block import PlainBlock
from ml.tables.training_csv import cell_text, read_row

_MAX_CACHED = 100_000  # of a feature's cells


class RefusedRow(NamedTuple):
    """A row that is not scored: its Loan_ID as it stands there, and every fault."""

    loan_id: str
    faults: list[DatasetFault]


class CheckedBlock(NamedTuple):
    """The good rows of a block by column, in their order, and the refused ones."""

    loan_ids: Sequence[str]
    columns: Columns
    refused: list[RefusedRow]


class _Cells(dict[Any, Value]):
    """What a feature's cells become, each worked out once; `refused` are those of no value."""

    def __init__(self, feature: Feature) -> None:
        super().__init__()
        self._feature = feature
        self.refused: set[Any] = set()

    def __missing__(self, cell: Any) -> Value:
        try:
            value = self[cell] = from_cell(self._feature, cell)
        except InvalidValue:
            self.refused.add(cell)
            return None
        return value

    def begin(self) -> None:
        """Forget the last block's refused cells, and all when they are too many."""
        self.refused.clear()
        if len(self) > _MAX_CACHED:
            self.clear()


class BlockReader:
    """Checks blocks; the cells that it has met make it quick."""

    def __init__(self) -> None:
        self._known = {feature.column: _Cells(feature) for feature in FEATURES}

    def __call__(self, block: CellBlock | PlainBlock) -> CheckedBlock:
        return (_read_plain_block(block) if isinstance(block, PlainBlock) else None) or self._carefully(block)

    def _carefully(self, block: CellBlock | PlainBlock) -> CheckedBlock:
        columns = {name: self._values(known, block.columns[name]) for name, known in self._known.items()}
        loan_ids = _loan_ids(block.columns[LOAN_ID])
        bad = {row for name in self._known for row in self._refused(name, block.columns[name])}
        if None in loan_ids:
            bad.update(row for row, loan_id in enumerate(loan_ids) if loan_id is None)
        if not bad:
            return CheckedBlock(loan_ids, columns, [])
        good = [row not in bad for row in range(len(loan_ids))]
        columns = {name: list(compress(values, good)) for name, values in columns.items()}
        refused = [_refusal(block, row) for row in sorted(bad)]
        return CheckedBlock(list(compress(loan_ids, good)), columns, refused)

    @staticmethod
    def _values(known: _Cells, cells: Sequence[Any]) -> list[Value]:
        known.begin()
        return list(map(known.__getitem__, cells))

    def _refused(self, name: str, cells: Sequence[Any]) -> list[int]:
        refused = self._known[name].refused
        return [row for row, cell in enumerate(cells) if cell in refused] if refused else []


def _read_plain_block(block: PlainBlock) -> CheckedBlock | None:
    """Return the rows of a block that leaves nothing to say."""
    columns = block.values()
    if columns is None:
        return None
    loan_ids = _loan_ids(block.loan_ids)
    return None if None in loan_ids else CheckedBlock(loan_ids, columns, [])


def _loan_ids(cells: Sequence[Any]) -> Sequence[Any]:
    try:
        joined = "".join(cells)
    except TypeError:  # not all of them are texts
        return [*map(_loan_id, cells)]
    lengths = set(map(len, cells))
    # Plain ones all at once: any printable ASCII but the space may stand anywhere.
    plain = joined.isascii() and joined.isprintable() and " " not in joined
    return cells if plain and 0 not in lengths and max(lengths) <= LOAN_ID_LENGTH else [*map(_loan_id, cells)]


def _loan_id(cell: object) -> str | None:
    try:
        return loan_id_from_cell(cell)
    except InvalidValue:
        return None


def _refusal(block: CellBlock | PlainBlock, row: int) -> RefusedRow:
    cells = {name: column[row] for name, column in block.columns.items()}
    _, faults = read_row(block.lines[row], cells)
    return RefusedRow(cell_text(cells[LOAN_ID]), faults)


_NAMES = ("loan_id", *(feature.name for feature in FEATURES))


def records_of(loan_ids: Sequence[str], columns: Columns) -> list[Record]:
    """Return the good rows of `ml.tables.block_reader.CheckedBlock`, which are not checked again."""
    values = zip(loan_ids, *(_plain(columns[feature.column]) for feature in FEATURES), strict=True)
    return [ApplicationRecord(**dict(zip(_NAMES, row, strict=True))) for row in values]


def _plain(column: Any) -> Sequence[Any]:
    """Return an array's values as Python's own, and NaN as the gap that it stands for."""
    if not isinstance(column, np.ndarray):
        return list(column)
    if column.dtype != object and np.isnan(column).any():
        gaps = np.isnan(column)
        column = column.astype(object)
        column[gaps] = None
    values: list[Any] = column.tolist()
    return values
