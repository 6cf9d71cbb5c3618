"""Rows of one call, checked: which are good, and what is wrong with the others."""

import itertools
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.conf import settings

from ml.applications.records import Fault, InvalidRecord, read_json_row
from ml.applications.schema import COLUMNS, LOAN_ID
from ml.applications.values import compose_nfc
from ml.applications.whole_rows import read_complete_rows

MAX_ERRORS_LISTED = 100
MAX_ROWS_NAMED = 10
_FIELDS = {LOAN_ID, *COLUMNS}
NO_LOAN_ID = Fault("required", "A Loan_ID is required here.", LOAN_ID)


@dataclass(slots=True)
class CheckedRows:
    """Good records in their order, and the faults of the refused rows by row number."""

    records: list[Any] = field(default_factory=list)
    faults: dict[int, list[Fault]] = field(default_factory=dict)
    loan_ids: dict[int, str | None] = field(default_factory=dict)

    def refuse(self, index: int, loan_id: str | None, faults: list[Fault]) -> None:
        self.loan_ids[index] = loan_id
        self.faults[index] = faults

    def errors(self) -> list[dict[str, Any]]:
        """Return error objects, at most `MAX_ERRORS_LISTED` and then a count."""
        listed = list(itertools.islice(self._each_error(), MAX_ERRORS_LISTED))
        more = sum(map(len, self.faults.values())) - len(listed)
        if more:
            detail = f"{more:,} more errors are not listed."
            listed.append({"code": "more_errors", "detail": detail, "attr": None})
        return listed

    def _each_error(self) -> Iterator[dict[str, Any]]:
        for index in sorted(self.faults):
            for fault in self.faults[index]:
                error = {"code": fault.code, "detail": fault.detail, "attr": fault.attr}
                yield error | {"index": index, LOAN_ID: self.loan_ids[index]}


def check_rows(rows: Sequence[dict[str, Any]]) -> CheckedRows:
    """Check the rows of an API call; rows that repeat a Loan_ID are all refused."""
    checked = CheckedRows()
    repeats, found = _repeats(rows), 0
    for index, row in enumerate(rows):
        try:
            record = read_json_row(row if found < MAX_ERRORS_LISTED else _without_strange_names(row))
        except InvalidRecord as error:
            found += len(error.faults)
            checked.refuse(index, error.loan_id, error.faults + repeats.get(index, []))
            continue
        if index in repeats:
            checked.refuse(index, record.loan_id, repeats[index])
        elif record.loan_id is None:
            checked.records.append(msgspec.structs.replace(record, loan_id=new_loan_id()))
        else:
            checked.records.append(record)
    return checked


def check_complete_rows(body: bytes) -> CheckedRows | None:
    """Return the rows of a body that leaves nothing to say; ``None`` when they must be looked at singly."""
    if body.count(b"{") > settings.MAX_ROWS:
        return None
    records = read_complete_rows(body)
    if not records:
        return None
    loan_ids = {record.loan_id for record in records} - {None}
    return CheckedRows(list(records)) if len(loan_ids) == len(records) else None


def check_article_rows(rows: Sequence[dict[str, Any]]) -> CheckedRows:
    """Check rows of the article's endpoint: unknown columns ignored, repeats allowed, Loan_ID required."""
    checked = CheckedRows()
    for index, row in enumerate(rows):
        missing = [NO_LOAN_ID] if _loan_id(row) is None else []
        try:
            record = read_json_row(row, ignore_unknown=True)
        except InvalidRecord as error:
            checked.refuse(index, error.loan_id, error.faults + missing)
            continue
        if missing:
            checked.refuse(index, None, missing)
        else:
            checked.records.append(record)
    return checked


def _without_strange_names(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with as many unknown fields, of names that are looked up once.

    Its faults are counted and not listed, and the nearest known name of each takes longer than all else.
    """
    strange = row.keys() - _FIELDS
    if not strange:
        return row
    known = {name: value for name, value in row.items() if name in _FIELDS}
    return known | {f"?{place}": None for place in range(len(strange))}


def new_loan_id() -> str:
    return f"LS-{uuid.uuid4().hex[:16].upper()}"


def _loan_id(row: dict[str, Any]) -> Any:
    """Return a row's Loan_ID, checked or not, as it would be stored; ``None`` for a gap."""
    loan_id = row.get(LOAN_ID)
    if isinstance(loan_id, str):
        return compose_nfc(loan_id) or None
    return loan_id


def _repeats(rows: Sequence[dict[str, Any]]) -> dict[int, list[Fault]]:
    """Return a fault for each row that repeats a Loan_ID; a bad row counts, it was meant to be that one."""
    loan_ids = [_loan_id(row) for row in rows]
    given = [loan_id for loan_id in loan_ids if isinstance(loan_id, str)]
    if len(set(given)) == len(given):
        return {}
    places = defaultdict(list)
    for index, loan_id in enumerate(loan_ids):
        if isinstance(loan_id, str):
            places[loan_id].append(index)
    return {index: [_repeat(index, found)] for found in places.values() if len(found) > 1 for index in found}


def _repeat(index: int, places: list[int]) -> Fault:
    """Name the other rows, or the first few: all rows of a call may have one Loan_ID."""
    others = [place for place in places[: MAX_ROWS_NAMED + 1] if place != index][:MAX_ROWS_NAMED]
    more = len(places) - 1 - len(others)
    named = ", ".join(map(str, others)) + (f" and {more:,} more" if more else "")
    return Fault("repeated", f"This Loan_ID also stands at index {named}.", LOAN_ID)
