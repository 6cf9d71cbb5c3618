"""Results, errors and refused rows of a batch as files, in its file's order; each download is audited."""

import itertools
from collections.abc import Iterator, Mapping

from django.db.models import Sum

from ml.errors import place_word
from ml.tables.header import WHAT_TO_MEND
from predictions.bulk.scoring import errors_header
from predictions.errors import Conflict
from predictions.live.schemas import schema_of_version
from predictions.models import Batch
from predictions.models.querysets import AnyUser
from predictions.services.batches.result_rows import Link, chunks_of, header_of, result_rows
from predictions.services.batches.workbook import workbook_parts
from predictions.services.writing import audit
from predictions.services.writing.audit import CsvRow, audited_csv_lines, audited_download

MAX_WORKBOOK_ROWS = 250_000
_RESULTS = "batch results"


def result_lines(*, batch: Batch, by: AnyUser, link: Link | None = None) -> Iterator[str]:
    """Return the lines of all scored rows; with `link` also in words, and with links to their applications.

    Raises `Conflict` until the batch is finished.
    """
    return _download(_RESULTS, batch, by, header_of(batch, words=link is not None), result_rows(batch, link))


def results_workbook(*, batch: Batch, by: AnyUser, link: Link) -> Iterator[bytes]:
    """Return the parts of a workbook of all scored rows, in words too.

    Raises `Conflict` until the batch is finished, and if it has more rows than a workbook should have.
    """
    _require_finished(batch)
    rows = batch.chunks.done().aggregate(scored=Sum("scored"))["scored"] or 0
    if rows > MAX_WORKBOOK_ROWS:
        raise Conflict(
            f"A workbook has at most {MAX_WORKBOOK_ROWS:,} rows, and this batch has {rows:,}. "
            "Download results.csv."
        )
    asked: dict[str, object] = {"batch": batch.pk, "format": "xlsx"}
    audit.record(by=by, action=_RESULTS, detail=asked)
    return _audited_workbook(batch, by, asked, link)


def _audited_workbook(batch: Batch, by: AnyUser, asked: Mapping[str, object], link: Link) -> Iterator[bytes]:
    with audited_download(action=_RESULTS, by=by, asked=asked) as taken:
        rows = taken.count(result_rows(batch, link))
        # The probability is written as a number.
        numbered = ((row[0], float(str(row[1])), *row[2:]) for row in rows)
        yield from workbook_parts(header_of(batch, words=True), numbered)


def error_lines(*, batch: Batch, by: AnyUser) -> Iterator[str]:
    """Return the lines of all faults. Raises `Conflict` until the batch is finished."""
    header = errors_header(place_word(batch.name), schema_of_version(batch.model_version_id))
    return _download("batch errors", batch, by, header, _errors(batch))


def refused_lines(*, batch: Batch, by: AnyUser) -> Iterator[str]:
    """Return the refused rows as the file has them, each with its faults in a last column.

    Raises `Conflict` until the batch is finished, and if its rows were not kept.
    """
    _require_finished(batch)
    if not keeps_refused_rows(batch):
        raise Conflict("The refused rows of this batch were not kept. errors.csv lists their faults.")
    header = [*(batch.headings or ()), WHAT_TO_MEND]
    return _download("batch refused rows", batch, by, header, _refused(batch))


def keeps_refused_rows(batch: Batch) -> bool:
    """Return whether the cells of refused rows were kept: workers of the release before keep none."""
    lost = batch.chunks.done().filter(refused__gt=0, refused_rows__isnull=True)
    return batch.headings is not None and not lost.exists()


def _download(
    action: str, batch: Batch, by: AnyUser, header: CsvRow, rows: Iterator[CsvRow]
) -> Iterator[str]:
    _require_finished(batch)
    asked: dict[str, object] = {"batch": batch.pk}
    audit.record(by=by, action=action, detail=asked)
    return audited_csv_lines(action=action, by=by, asked=asked, header=header, rows=rows)


def _require_finished(batch: Batch) -> None:
    if not batch.finished:
        raise Conflict(f"This batch is {batch.status}; its files are there once it is over.")


def _errors(batch: Batch) -> Iterator[CsvRow]:
    for chunk in chunks_of(batch):
        yield from chunk.refusals


def _refused(batch: Batch) -> Iterator[CsvRow]:
    for chunk in chunks_of(batch):
        faults = _faults_by_line(chunk.refusals)
        for line, cells in chunk.refused_rows or ():
            yield (*cells, faults[line])


def _faults_by_line(refusals: list[list[str | int | None]]) -> Mapping[object, str]:
    """Join the faults of each row into one text."""
    return {
        line: "; ".join(
            f"{column}: {expected}" if column else f"{expected}" for _, _, column, _, expected in row
        )
        for line, row in itertools.groupby(refusals, key=lambda fault: fault[0])
    }
