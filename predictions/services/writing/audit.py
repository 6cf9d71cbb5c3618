"""Audit records, and CSV files of cases whose download is recorded."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from django.utils import timezone

from ml.scorecard.scores import Reason
from ml.tables.safe_csv import csv_lines
from predictions.models import AuditRecord
from predictions.models.querysets import AnyUser
from predictions.services.writing.database_waits import export_statement_timeout

CsvRow = Sequence[object]
Row = TypeVar("Row")


def record(
    *, by: AnyUser | None, action: str, detail: Mapping[str, object], now: datetime | None = None
) -> None:
    """Add an audit record; `by` is None for a command."""
    AuditRecord.objects.create(
        at=now or timezone.now(), by_id=by.pk if by else None, action=action, detail=detail
    )


def audited_csv_lines(
    *, action: str, by: AnyUser | None, asked: Mapping[str, object], header: CsvRow, rows: Iterable[CsvRow]
) -> Iterator[str]:
    """Yield the lines of a file; at its end, record how many of `rows` were taken.

    A download that breaks off is recorded with the lines that it took.
    """
    with audited_download(action=action, by=by, asked=asked) as taken:
        yield from csv_lines([header])
        yield from taken.count(csv_lines(rows))


class Taken:
    """Counts what a download takes."""

    def __init__(self) -> None:
        self.cases = 0

    def count(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            self.cases += 1
            yield row


@contextlib.contextmanager
def audited_download(*, action: str, by: AnyUser | None, asked: Mapping[str, object]) -> Iterator[Taken]:
    """Let a download take its time; at its end, record how many cases it took."""
    taken = Taken()
    try:
        with export_statement_timeout():
            yield taken
    finally:
        record(by=by, action=f"{action} ended", detail={**asked, "cases": taken.cases})


def reasons_sentence(reasons: Sequence[Reason]) -> str:
    """Write all reasons with their weights in log-odds, most adverse first."""
    return "; ".join(f"{reason['text']} ({reason['contribution']:+.4f})" for reason in reasons)
