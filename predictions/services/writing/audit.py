"""Audit records, and CSV files of cases whose download is recorded."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from ml.scorecard.scores import Reason
from ml.tables.safe_csv import csv_lines
from predictions.models import AuditRecord
from predictions.models.querysets import AnyUser
from predictions.services.writing.database_waits import export_statement_timeout

CsvRow = Sequence[object]


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
    cases = 0
    try:
        with export_statement_timeout():
            yield from csv_lines([header])
            for line in csv_lines(rows):
                cases += 1
                yield line
    finally:
        record(by=by, action=f"{action} ended", detail={**asked, "cases": cases})


def reasons_sentence(reasons: Sequence[Reason]) -> str:
    """Write all reasons with their weights in log-odds, most adverse first."""
    return "; ".join(f"{reason['text']} ({reason['contribution']:+.4f})" for reason in reasons)
