"""Applications by the million: blocks of text to checked columns.

The rules are those of `ml.values`, asked once per distinct text, and not even that where `ml.plain_block`
accepts all of a block. Rows that are refused are read again, field by field, for their faults.
"""

from collections.abc import Sequence
from itertools import compress
from typing import Any, NamedTuple

from ml.csv_chunk import Block
from ml.csv_tables import read_row
from ml.errors import DatasetFault, InvalidValue
from ml.model_columns import Columns
from ml.plain_block import PlainBlock
from ml.schema import FEATURES, LOAN_ID, Feature
from ml.values import LOAN_ID_LENGTH, Value, from_text, loan_id_from_text

_MOST_KEPT = 100_000  # of a feature's texts


class Refusal(NamedTuple):
    """A row that is not scored: its Loan_ID as it stands there, and every fault."""

    loan_id: str
    faults: list[DatasetFault]


class Applications(NamedTuple):
    """The good rows of a block by column, in their order, and the refused ones."""

    loan_ids: Sequence[str]
    columns: Columns
    refused: list[Refusal]


class _Texts(dict[str, Value]):
    """What a feature's texts become, each worked out once; `refused` are those of no value."""

    def __init__(self, feature: Feature) -> None:
        super().__init__()
        self._feature = feature
        self.refused: set[str] = set()

    def __missing__(self, text: str) -> Value:
        try:
            value = self[text] = from_text(self._feature, text)
        except InvalidValue:
            self.refused.add(text)
            return None
        return value

    def begin(self) -> None:
        """Forget the last block's refused texts, and all when they are too many."""
        self.refused.clear()
        if len(self) > _MOST_KEPT:
            self.clear()


class BlockReader:
    """Checks blocks; the texts that it has met make it quick."""

    def __init__(self) -> None:
        self._texts = {feature.column: _Texts(feature) for feature in FEATURES}

    def __call__(self, block: Block | PlainBlock) -> Applications:
        return (_quickly(block) if isinstance(block, PlainBlock) else None) or self._carefully(block)

    def _carefully(self, block: Block | PlainBlock) -> Applications:
        columns = {name: self._values(texts, block.columns[name]) for name, texts in self._texts.items()}
        loan_ids = _loan_ids(block.columns[LOAN_ID])
        bad = {row for name in self._texts for row in self._refused(name, block.columns[name])}
        if None in loan_ids:
            bad.update(row for row, loan_id in enumerate(loan_ids) if loan_id is None)
        if not bad:
            return Applications(loan_ids, columns, [])
        good = [row not in bad for row in range(len(loan_ids))]
        columns = {name: list(compress(values, good)) for name, values in columns.items()}
        refused = [_refusal(block, row) for row in sorted(bad)]
        return Applications(list(compress(loan_ids, good)), columns, refused)

    @staticmethod
    def _values(texts: _Texts, cells: Sequence[str]) -> list[Value]:
        texts.begin()
        return list(map(texts.__getitem__, cells))

    def _refused(self, name: str, cells: Sequence[str]) -> list[int]:
        refused = self._texts[name].refused
        return [row for row, cell in enumerate(cells) if cell in refused] if refused else []


def _quickly(block: PlainBlock) -> Applications | None:
    """Return the rows of a block that leaves nothing to say."""
    columns = block.values()
    if columns is None:
        return None
    loan_ids = _loan_ids(block.loan_ids)
    return None if None in loan_ids else Applications(loan_ids, columns, [])


def _loan_ids(cells: Sequence[str]) -> Sequence[Any]:
    joined = "".join(cells)
    lengths = set(map(len, cells))
    # Plain ones all at once: any printable ASCII but the space may stand anywhere.
    plain = joined.isascii() and joined.isprintable() and " " not in joined
    return cells if plain and 0 not in lengths and max(lengths) <= LOAN_ID_LENGTH else [*map(_loan_id, cells)]


def _loan_id(cell: str) -> str | None:
    try:
        return loan_id_from_text(cell)
    except InvalidValue:
        return None


def _refusal(block: Block | PlainBlock, row: int) -> Refusal:
    cells = {name: column[row] for name, column in block.columns.items()}
    _, faults = read_row(block.lines[row], cells)
    return Refusal(cells[LOAN_ID], faults)
