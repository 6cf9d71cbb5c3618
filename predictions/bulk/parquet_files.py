"""Parquet in and out, by pyarrow, an extra."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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

_AT_ONCE = 5_000  # rows, about as many as a block of CSV text has
_GROUP = 100_000  # rows at least that are compressed together
_READ = 1 << 20  # bytes of a column at once, however long it is
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
class _Batch:
    first: int
    batch: Any

    def block(self) -> CellBlock | None:
        columns = zip(self.batch.schema.names, self.batch.columns, strict=True)
        lines = range(self.first, self.first + self.batch.num_rows)
        return (
            CellBlock(lines, {name: to_plain_cells(column.to_pylist()) for name, column in columns})
            if lines
            else None
        )


class _Read:
    """A file that is read; `rows` says how far."""

    def __init__(self, name: str, file: Any) -> None:
        self._name, self.rows = name, 0
        with self._told():
            self._file = parquet.ParquetFile(file, buffer_size=_READ)
        if faults := list_header_faults(self._file.schema_arrow.names, FIELDS, known=(*FIELDS, TARGET)):
            raise UnusableSource("\n".join([f"{name} cannot be used:", *faults]))

    @property
    def all_rows(self) -> int:
        return int(self._file.metadata.num_rows)

    def chunks(self) -> Iterator[_Batch]:
        batches = self._file.iter_batches(_AT_ONCE, columns=FIELDS)
        while True:
            with self._told():
                batch = next(batches, None)
            if batch is None:
                return
            first = self.rows + 1
            self.rows += batch.num_rows
            yield _Batch(first, batch)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, OSError) as error:
            raise UnusableSource(f"{self._name} cannot be read as Parquet: {error}") from error


@contextmanager
def parquet_source(path: Path) -> Iterator[Source]:
    with path.open("rb") as file:
        read = _Read(path.name, file)

        def sha256() -> str:
            file.seek(0)
            return hashlib.file_digest(file, "sha256").hexdigest()

        yield Source(
            name=path.name,
            place="row",
            chunks=read.chunks(),
            empty=UnusableSource(f"{path.name} has no rows; at least one is expected."),
            unit="rows",
            done=lambda: (read.rows, read.all_rows),
            sha256=sha256,
        )


class ParquetFormat(RowFormat):
    """The values of the CSV's columns, as Arrow has them."""

    def rows(self, loan_ids: Sequence[str], said: Sequence[ResultRow]) -> Any:
        columns = loan_ids, *zip(*said, strict=True)
        arrays = [pa.array(values, kind) for values, kind in zip(columns, _SCHEMA.types, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=_SCHEMA)


class _Written:
    """A file that is written in groups of rows; it is whole once its digest was asked for."""

    def __init__(self, file: HashedFile) -> None:
        self._file, self._held = file, list[Any]()
        self._writer = parquet.ParquetWriter(file, _SCHEMA, compression="zstd")

    def write(self, batch: Any) -> None:
        self._held.append(batch)
        if sum(held.num_rows for held in self._held) >= _GROUP:
            self._flush()

    def sha256(self) -> str:
        self._flush()
        self.close()
        return self._file.sha256()

    def close(self) -> None:
        self._writer.close()

    def _flush(self) -> None:
        self._writer.write_table(pa.Table.from_batches(self._held, _SCHEMA))
        self._held = []


@contextmanager
def parquet_output(path: Path, terms: ScoringTerms) -> Iterator[Output]:
    with open_hashed_file(path) as file, closing(_Written(file)) as written:
        yield Output(name=path.name, form=ParquetFormat(terms), write=written.write, sha256=written.sha256)
