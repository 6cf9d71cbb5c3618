"""Rows of one call, checked: which are good, and what is wrong with the others."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from ml.records import Fault, InvalidRecord, read_json_row
from ml.schema import LOAN_ID

MOST_LISTED = 100


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
        """Return error objects, at most `MOST_LISTED` and then a count."""
        listed = [
            {
                "code": fault.code,
                "detail": fault.detail,
                "attr": fault.attr,
                "index": index,
                LOAN_ID: self.loan_ids[index],
            }
            for index in sorted(self.faults)
            for fault in self.faults[index]
        ]
        more = len(listed) - MOST_LISTED
        if more <= 0:
            return listed
        count = {"code": "more_errors", "detail": f"{more} more errors are not listed.", "attr": None}
        return [*listed[:MOST_LISTED], count]


def check_rows(rows: Sequence[dict[str, Any]]) -> CheckedRows:
    """Check the rows of an API call; rows that repeat a Loan_ID are all refused."""
    checked = CheckedRows()
    places = _places(rows)
    for index, row in enumerate(rows):
        try:
            record = read_json_row(row)
        except InvalidRecord as error:
            checked.refuse(index, error.loan_id, error.faults)
            continue
        if record.loan_id is None:
            record = msgspec.structs.replace(record, loan_id=new_loan_id())
        elif len(places[record.loan_id]) > 1:
            checked.refuse(index, record.loan_id, [_repeat(index, places[record.loan_id])])
            continue
        checked.records.append(record)
    return checked


def check_article_rows(rows: Sequence[dict[str, Any]]) -> CheckedRows:
    """Check rows of the article's endpoint: unknown columns ignored, repeats allowed, Loan_ID required."""
    checked = CheckedRows()
    for index, row in enumerate(rows):
        try:
            record = read_json_row(row, ignore_unknown=True)
        except InvalidRecord as error:
            checked.refuse(index, error.loan_id, error.faults)
            continue
        if record.loan_id is None:
            checked.refuse(index, None, [Fault("required", "A Loan_ID is required here.", LOAN_ID)])
        else:
            checked.records.append(record)
    return checked


def new_loan_id() -> str:
    return f"LS-{uuid.uuid4().hex[:16].upper()}"


def _places(rows: Sequence[dict[str, Any]]) -> dict[Any, list[int]]:
    """Return where each Loan_ID stands; a bad row counts too, it was meant to be that application."""
    places = defaultdict(list)
    for index, row in enumerate(rows):
        loan_id = row.get(LOAN_ID)
        if isinstance(loan_id, str):
            places[loan_id].append(index)
    return places


def _repeat(index: int, places: list[int]) -> Fault:
    others = ", ".join(str(place) for place in places if place != index)
    return Fault("repeated", f"This Loan_ID also stands at index {others}.", LOAN_ID)
