"""Parquet files as source and output of a bulk run, with pyarrow, an extra."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ml.errors import MissingExtra
from ml.schemas.schema import Schema
from ml.tables.cells import to_plain_cells
from ml.tables.csv_chunk import CellBlock
from predictions.bulk.csv_files import HashedFile, open_hashed_file
from predictions.bulk.headers import usable_header
from predictions.bulk.scoring import Output, ResultRow, RowFormat, ScoringTerms, Source, id_heading
from predictions.errors import UnusableSource

try:
    import pyarrow as pa
    from pyarrow import parquet
except ImportError:
    raise MissingExtra("pyarrow", "make install-bulk") from None

_CHUNK_ROWS = 5_000  # about as many as a block of CSV text contains
_MIN_GROUP_ROWS = 100_000  # rows that are compressed together
_BUFFER_BYTES = 1 << 20  # of a column that are read at a time
_RESULTS = pa.schema(
    [
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
    """A batch of rows as pyarrow reads them; `first` is the number of its first row.

    `names` are its columns as the schema spells them.
    """

    first: int
    names: Sequence[str]
    batch: "pa.RecordBatch"

    def block(self) -> CellBlock | None:
        if not self.batch.num_rows:
            return None
        columns = zip(self.names, self.batch.columns, strict=True)
        lines = range(self.first, self.first + self.batch.num_rows)
        return CellBlock(lines, {name: to_plain_cells(column.to_pylist()) for name, column in columns})


class _ParquetReader:
    """Reads a file in chunks; `rows` counts the rows read so far."""

    def __init__(self, schema: Schema, name: str, file: BinaryIO) -> None:
        self._name, self.rows = name, 0
        with self._translate_errors():
            self._file = parquet.ParquetFile(file, buffer_size=_BUFFER_BYTES)
        headings = self._file.schema_arrow.names
        header = usable_header(name, headings, schema)
        self.further = header.further
        self._columns = {
            heading: column
            for heading, column in zip(headings, header.names, strict=True)
            if column in schema.fields
        }

    @property
    def all_rows(self) -> int:
        return int(self._file.metadata.num_rows)

    def chunks(self) -> Iterator[_ParquetChunk]:
        batches = self._file.iter_batches(_CHUNK_ROWS, columns=[*self._columns])
        while True:
            with self._translate_errors():
                batch = next(batches, None)
            if batch is None:
                return
            first = self.rows + 1
            self.rows += batch.num_rows
            yield _ParquetChunk(first, [self._columns[name] for name in batch.schema.names], batch)

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, OSError) as error:
            raise UnusableSource(f"{self._name} cannot be read as Parquet: {error}") from error


@contextmanager
def parquet_source(schema: Schema, path: Path) -> Iterator[Source]:
    with path.open("rb") as file:
        reader = _ParquetReader(schema, path.name, file)

        def sha256() -> str:
            file.seek(0)
            return hashlib.file_digest(file, "sha256").hexdigest()

        yield Source(
            name=path.name,
            place="row",
            further=reader.further,
            chunks=reader.chunks(),
            empty=UnusableSource(f"{path.name} has no rows; at least one is expected."),
            unit="rows",
            done=lambda: (reader.rows, reader.all_rows),
            sha256=sha256,
        )


class ParquetFormat(RowFormat):
    """A record batch with the columns of the CSV."""

    def __init__(self, terms: ScoringTerms) -> None:
        super().__init__(terms)
        self._schema = _results_schema(terms.schema)

    def rows(self, loan_ids: Sequence[str], results: Sequence[ResultRow]) -> "pa.RecordBatch":
        columns = loan_ids, *zip(*results, strict=True)
        arrays = [pa.array(values, kind) for values, kind in zip(columns, self._schema.types, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)


def _results_schema(schema: Schema) -> "pa.Schema":
    return _RESULTS.insert(0, pa.field(id_heading(schema), pa.string()))


class _ParquetWriter:
    """Writes a file in groups of rows. Calling `sha256` completes the file."""

    def __init__(self, file: HashedFile, schema: "pa.Schema") -> None:
        self._file, self._schema = file, schema
        self._pending: list[pa.RecordBatch] = []
        self._writer = parquet.ParquetWriter(file, schema, compression="zstd")

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
        self._writer.write_table(pa.Table.from_batches(self._pending, self._schema))
        self._pending = []


@contextmanager
def parquet_output(path: Path, terms: ScoringTerms) -> Iterator[Output]:
    schema = _results_schema(terms.schema)
    with open_hashed_file(path) as file, closing(_ParquetWriter(file, schema)) as writer:
        yield Output(name=path.name, format=ParquetFormat(terms), write=writer.write, sha256=writer.sha256)
