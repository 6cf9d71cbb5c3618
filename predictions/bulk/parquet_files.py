"""Parquet files as source and output of a bulk run, with pyarrow, an extra."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ml.applications.schema import FIELDS, LOAN_ID, TARGET
from ml.errors import MissingExtra
from ml.tables.cells import to_plain_cells
from ml.tables.csv_chunk import CellBlock
from ml.tables.training_csv import list_header_faults
from predictions.bulk.csv_files import HashedFile, open_hashed_file
from predictions.bulk.scoring import Output, ResultRow, RowFormat, ScoringTerms, Source
from predictions.errors import UnusableSource

try:
    import pyarrow as pa
    from pyarrow import parquet
except ImportError:
    raise MissingExtra("pyarrow", "make install-bulk") from None

_CHUNK_ROWS = 5_000  # about as many as a block of CSV text contains
_MIN_GROUP_ROWS = 100_000  # rows that are compressed together
_BUFFER_BYTES = 1 << 20  # of a column that are read at a time
_SCHEMA = pa.schema(
    [
        (LOAN_ID, pa.string()),
        ("approval_probability", pa.float64()),
        ("approved", pa.int8()),
        ("outcome", pa.string()),
        ("reasons", pa.string()),
        ("causes", pa.string()),
        ("remarks", pa.string()),
        ("model_version", pa.int64()),
        ("policy", pa.int64()),
    ]
)


@dataclass(frozen=True, slots=True)
class _ParquetChunk:
    """A batch of rows as pyarrow reads them; `first` is the number of its first row."""

    first: int
    batch: "pa.RecordBatch"

    def block(self) -> CellBlock | None:
        if not self.batch.num_rows:
            return None
        columns = zip(self.batch.schema.names, self.batch.columns, strict=True)
        lines = range(self.first, self.first + self.batch.num_rows)
        return CellBlock(lines, {name: to_plain_cells(column.to_pylist()) for name, column in columns})


class _ParquetReader:
    """Reads a file in chunks; `rows` counts the rows read so far."""

    def __init__(self, name: str, file: BinaryIO) -> None:
        self._name, self.rows = name, 0
        with self._translate_errors():
            self._file = parquet.ParquetFile(file, buffer_size=_BUFFER_BYTES)
        if faults := list_header_faults(self._file.schema_arrow.names, FIELDS, known=(*FIELDS, TARGET)):
            raise UnusableSource("\n".join([f"{name} cannot be used:", *faults]))

    @property
    def all_rows(self) -> int:
        return int(self._file.metadata.num_rows)

    def chunks(self) -> Iterator[_ParquetChunk]:
        batches = self._file.iter_batches(_CHUNK_ROWS, columns=FIELDS)
        while True:
            with self._translate_errors():
                batch = next(batches, None)
            if batch is None:
                return
            first = self.rows + 1
            self.rows += batch.num_rows
            yield _ParquetChunk(first, batch)

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, OSError) as error:
            raise UnusableSource(f"{self._name} cannot be read as Parquet: {error}") from error


@contextmanager
def parquet_source(path: Path) -> Iterator[Source]:
    with path.open("rb") as file:
        reader = _ParquetReader(path.name, file)

        def sha256() -> str:
            file.seek(0)
            return hashlib.file_digest(file, "sha256").hexdigest()

        yield Source(
            name=path.name,
            place="row",
            chunks=reader.chunks(),
            empty=UnusableSource(f"{path.name} has no rows; at least one is expected."),
            unit="rows",
            done=lambda: (reader.rows, reader.all_rows),
            sha256=sha256,
        )


class ParquetFormat(RowFormat):
    """A record batch with the columns of the CSV."""

    def rows(self, loan_ids: Sequence[str], results: Sequence[ResultRow]) -> "pa.RecordBatch":
        columns = loan_ids, *zip(*results, strict=True)
        arrays = [pa.array(values, kind) for values, kind in zip(columns, _SCHEMA.types, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=_SCHEMA)


class _ParquetWriter:
    """Writes a file in groups of rows. Calling `sha256` completes the file."""

    def __init__(self, file: HashedFile) -> None:
        self._file = file
        self._pending: list[pa.RecordBatch] = []
        self._writer = parquet.ParquetWriter(file, _SCHEMA, compression="zstd")

    def write(self, batch: "pa.RecordBatch") -> None:
        self._pending.append(batch)
        if sum(pending.num_rows for pending in self._pending) >= _MIN_GROUP_ROWS:
            self._flush()

    def sha256(self) -> str:
        self._flush()
        self.close()
        return self._file.sha256()

    def close(self) -> None:
        self._writer.close()

    def _flush(self) -> None:
        self._writer.write_table(pa.Table.from_batches(self._pending, _SCHEMA))
        self._pending = []


@contextmanager
def parquet_output(path: Path, terms: ScoringTerms) -> Iterator[Output]:
    with open_hashed_file(path) as file, closing(_ParquetWriter(file)) as writer:
        yield Output(name=path.name, format=ParquetFormat(terms), write=writer.write, sha256=writer.sha256)
