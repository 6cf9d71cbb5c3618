"""CSV files as source and output of a bulk run."""

import hashlib
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from pickle import PickleBuffer

from ml.atomic_files import atomic_write
from ml.errors import place_word
from ml.schemas.schema import Schema
from ml.scorecard.score_cache import CachedScore
from ml.tables.csv_stream import CsvStream
from ml.tables.plain_ids import PlainIds
from ml.tables.safe_csv import csv_lines, first_cells
from predictions.bulk.scoring import (
    NOTHING_FOUND,
    Findings,
    Output,
    ScoringTerms,
    Source,
    errors_header,
    results_header,
)


class HashedFile(io.RawIOBase):
    """A file that is written from start to end and computes its digest on the way."""

    def __init__(self, file: io.BufferedWriter) -> None:
        self._file, self._digest = file, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override] # any buffer in the supertype
        self._digest.update(content)
        return self._file.write(content)

    def sha256(self) -> str:
        return self._digest.hexdigest()


@contextmanager
def open_hashed_file(path: Path) -> Iterator[HashedFile]:
    """Open a file for writing. It appears at `path` when the block ends without an error."""
    with atomic_write(path) as temporary, temporary.open("wb") as file:
        yield HashedFile(file)


@contextmanager
def csv_source(
    schema: Schema, path: Path, *, elsewhere: bool = False, given: Path | None = None
) -> Iterator[Source]:
    """Open a file, which may be the plain CSV of a `given` one.

    Workers `elsewhere` may not have the file, so they are sent its text, not positions in it.
    """
    given = given or path
    by_part = path.is_file() and not elsewhere
    with path.open("rb") as file:
        stream, size = CsvStream(schema, given.name, file), os.fstat(file.fileno()).st_size
        yield Source(
            name=given.name,
            place=place_word(given.name),
            further=stream.further,
            chunks=stream.placed_chunks(path.resolve()) if by_part else stream.chunks(),
            empty=stream.no_rows,
            unit="MiB",
            done=lambda: (stream.size >> 20, size >> 20),
            sha256=stream.digest.hexdigest if given == path else partial(_sha256_of, given),
        )


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class CsvFormat:
    """A CSV line for each result. The cells after the Loan_ID are written once for equal scores."""

    def __init__(self, terms: ScoringTerms) -> None:
        self._terms = terms

    def result_of(self, score: CachedScore, found: Findings = NOTHING_FOUND) -> bytes:
        scored_by = self._terms.model_version, self._terms.policy
        cells = "", f"{score.probability:.17g}", *self._terms.result(score, found), *scored_by
        return next(csv_lines([cells])).encode()

    def rows(self, loan_ids: Sequence[str], results: Sequence[bytes]) -> PickleBuffer:
        cells = [b""] * (2 * len(results))
        cells[::2], cells[1::2] = _first_cells(loan_ids), results
        return PickleBuffer(b"".join(cells))  # no pipe between processes copies it


def _first_cells(loan_ids: Sequence[str]) -> Sequence[bytes]:
    if isinstance(loan_ids, PlainIds):
        return loan_ids.encoded
    return [cell.encode() for cell in first_cells(loan_ids)]


@contextmanager
def csv_output(path: Path, terms: ScoringTerms) -> Iterator[Output]:
    with open_hashed_file(path) as file:
        file.write(_header(results_header(terms.schema)))
        yield Output(name=path.name, format=CsvFormat(terms), write=file.write, sha256=file.sha256)


@contextmanager
def errors_output(path: Path, place: str, schema: Schema) -> Iterator[HashedFile]:
    """Open the list of refused rows (see `errors_header`)."""
    with open_hashed_file(path) as file:
        file.write(_header(errors_header(place, schema)))
        yield file


def _header(names: Sequence[str]) -> bytes:
    return "".join(csv_lines([names])).encode()
