"""Applications in the body of a call: JSON in; valid records, and the faults of the other rows, out."""

import itertools
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
from django.conf import settings

from ml.applications.json_records import read_json_records
from ml.applications.records import Fault, InvalidRecord, read_json_row
from ml.applications.strict_json import VALUES_PER_ROW, decode_json
from ml.applications.types import Record
from ml.applications.values import compose_nfc, show_value
from ml.errors import TooManyValues, UnreadableJSON
from ml.schemas.schema import LOAN_ID, Schema
from predictions.errors import LoanIdTaken, TakenId
from predictions.services.writing.record_shapes import advice, advice_by_head, boxed_advice

MAX_ERRORS_LISTED = 100
MAX_ROWS_NAMED = 10
NO_LOAN_ID = Fault("required", "A Loan_ID is required here.", LOAN_ID)
JsonRow = Mapping[str, object]


@dataclass(slots=True)
class CheckedRows:
    """Valid records in their order, and the faults of the refused rows by row number."""

    records: list[Record] = field(default_factory=list)
    faults: dict[int, list[Fault]] = field(default_factory=dict)
    loan_ids: dict[int, str | None] = field(default_factory=dict)
    is_object: bool = False  # one application, not in an array

    def refuse(self, index: int, loan_id: str | None, faults: list[Fault]) -> None:
        self.loan_ids[index] = loan_id
        self.faults[index] = faults

    def refuse_taken(self, taken: Mapping[int, TakenId]) -> None:
        """Refuse the valid records whose Loan_IDs are of other applications, by their places in `records`."""
        rows = range(len(self.records) + len(self.faults))
        indexes = [index for index in rows if index not in self.faults]
        for place, holder in taken.items():
            detail = holder.words + (f" (prediction {holder.newest_id})" if holder.newest_id else "")
            fault = Fault(LoanIdTaken.code, detail, LOAN_ID)
            self.refuse(indexes[place], self.records[place].loan_id, [fault])
        self.records = [record for place, record in enumerate(self.records) if place not in taken]

    def errors(self) -> list[dict[str, object]]:
        """Return error objects: at most `MAX_ERRORS_LISTED`, then a count of the others."""
        listed = list(itertools.islice(self._each_error(), MAX_ERRORS_LISTED))
        more = sum(map(len, self.faults.values())) - len(listed)
        if more:
            detail = f"{more:,} more errors are not listed."
            listed.append({"code": "more_errors", "detail": detail, "attr": None})
        return listed

    def _each_error(self) -> Iterator[dict[str, object]]:
        for index in sorted(self.faults):
            for fault in self.faults[index]:
                error = {"code": fault.code, "detail": fault.detail, "attr": fault.attr}
                yield error | {"index": index, LOAN_ID: self.loan_ids[index]}


def read_applications(schema: Schema, body: bytes) -> CheckedRows:
    """Read one application, or an array of them, in which a repeated Loan_ID refuses each of its rows.

    Raises
    ------
    UnreadableJSON
        When the body is neither, or not strict JSON.
    TooManyRows, TooManyValues
    """
    if checked := read_valid_applications(schema, body):
        return checked
    document = _in_rows(schema, _decoded(schema, body))
    if isinstance(document, dict):
        checked = check_rows(schema, [document])
        checked.is_object = True
        return checked
    if isinstance(document, list):
        return check_rows(schema, _require_rows(document))
    raise UnreadableJSON(f"An application or an array of them is expected, not {show_value(document)}.")


def read_valid_applications(schema: Schema, body: bytes) -> CheckedRows | None:
    """Read a body in one pass; None of one that breaks a rule, or that only `read_applications` can judge."""
    records = _valid_records(schema, body)
    if isinstance(records, Record):
        return CheckedRows([_with_loan_id(records)], is_object=True)
    if records and len({record.loan_id for record in records}) == len(records):
        return CheckedRows(list(records))
    return None


def read_article_rows(schema: Schema, body: bytes) -> CheckedRows:
    """Read an array of applications, or a JSON string that contains the array, as the article's clients send.

    Unknown columns are ignored, Loan_IDs may repeat, and each row must have one (raises as
    `read_applications`).
    """
    records = _valid_records(schema, body) or _valid_records(schema, _string_content(body))
    if records and not isinstance(records, Record):
        return CheckedRows(list(records))
    document = _decoded(schema, body)
    if isinstance(document, str):
        document = _decoded(schema, document)
    document = _in_rows(schema, document)
    if not isinstance(document, list):
        raise UnreadableJSON(f"An array of records is expected, not {show_value(document)}.")
    return _check_article_rows(schema, _require_rows(document))


def _valid_records(schema: Schema, body: bytes) -> Record | Sequence[Record] | None:
    return read_json_records(schema, body) if body.count(b"{") <= settings.MAX_ROWS else None


def _decoded(schema: Schema, body: str | bytes) -> object:
    """Decode a body. It may hold twice as many values a row as the schema has fields, and some more."""
    try:
        return decode_json(body, settings.MAX_ROWS, max(VALUES_PER_ROW, 2 * len(schema.fields)))
    except (TooManyValues, UnreadableJSON) as error:
        if wanted := advice_by_head(schema, body, error):
            raise UnreadableJSON(wanted) from None
        raise


def _in_rows(schema: Schema, document: object) -> object:
    """Return a decoded body; one in a shape that R or pandas makes is refused with what to send instead."""
    if wanted := advice(schema, document):
        raise UnreadableJSON(wanted)
    return document


def _faults(schema: Schema, row: JsonRow, error: InvalidRecord) -> list[Fault]:
    """Return the faults of a row, or the one that explains them all."""
    wanted = boxed_advice(schema, row)
    return [Fault("boxed", wanted, None)] if wanted else error.faults


def _string_content(body: bytes) -> bytes:
    """Return the text of a JSON string; nothing of any other body."""
    try:
        return msgspec.json.decode(body, type=str).encode()
    except (msgspec.DecodeError, UnicodeError):
        return b""


def _require_rows(rows: list[JsonRow]) -> list[JsonRow]:
    if not rows:
        raise UnreadableJSON("The array is empty; at least one application is expected.")
    return rows


def check_rows(schema: Schema, rows: Sequence[JsonRow]) -> CheckedRows:
    """Check decoded rows one by one; rows that repeat a Loan_ID are all refused."""
    checked = CheckedRows()
    repeats, faults = _repeats(schema, rows), 0
    for index, row in enumerate(rows):
        try:
            plain = row if faults < MAX_ERRORS_LISTED else _without_unknown_names(schema, row)
            record = read_json_row(schema, plain)
        except InvalidRecord as error:
            found = _faults(schema, row, error)
            faults += len(found)
            checked.refuse(index, error.loan_id, found + repeats.get(index, []))
            continue
        if index in repeats:
            checked.refuse(index, record.loan_id, repeats[index])
        else:
            checked.records.append(_with_loan_id(record))
    return checked


def _check_article_rows(schema: Schema, rows: Sequence[JsonRow]) -> CheckedRows:
    checked = CheckedRows()
    for index, row in enumerate(rows):
        missing = [NO_LOAN_ID] if _loan_id(schema, row) is None else []
        try:
            record = read_json_row(schema, row, ignore_unknown=True)
        except InvalidRecord as error:
            checked.refuse(index, error.loan_id, _faults(schema, row, error) + missing)
            continue
        if missing:
            checked.refuse(index, None, missing)
        else:
            checked.records.append(record)
    return checked


def _without_unknown_names(schema: Schema, row: JsonRow) -> JsonRow:
    """Replace the names of unknown fields by names that are looked up once.

    The faults of this row are only counted. Finding the nearest known name for each unknown field would take
    longer than everything else.
    """
    fields = {LOAN_ID, *schema.fields}
    unknown = row.keys() - fields
    if not unknown:
        return row
    known = {name: value for name, value in row.items() if name in fields}
    return known | {f"?{number}": None for number in range(len(unknown))}


def _with_loan_id(record: Record) -> Record:
    """Return the record, under a new Loan_ID if it has none."""
    return msgspec.structs.replace(record, loan_id=new_loan_id()) if record.loan_id is None else record


def new_loan_id() -> str:
    """Make a Loan_ID for an application that came without one."""
    return f"LS-{uuid.uuid4().hex[:16].upper()}"


def _loan_id(schema: Schema, row: JsonRow) -> object:
    """Return a row's Loan_ID, checked or not, as it would be stored; ``None`` if it is missing."""
    loan_id = row.get(schema.id_field if schema.id_field in row else LOAN_ID)
    if isinstance(loan_id, str):
        return compose_nfc(loan_id) or None
    return loan_id


def _repeats(schema: Schema, rows: Sequence[JsonRow]) -> dict[int, list[Fault]]:
    """Return a fault for each row that repeats a Loan_ID, invalid rows included."""
    loan_ids = [_loan_id(schema, row) for row in rows]
    given = [loan_id for loan_id in loan_ids if isinstance(loan_id, str)]
    if len(set(given)) == len(given):
        return {}
    rows_of = defaultdict(list)
    for index, loan_id in enumerate(loan_ids):
        if isinstance(loan_id, str):
            rows_of[loan_id].append(index)
    return {
        index: [_repeat_fault(index, same)] for same in rows_of.values() if len(same) > 1 for index in same
    }


def _repeat_fault(index: int, same: list[int]) -> Fault:
    """Name the other rows with this Loan_ID, or the first few: all rows of a call may share one."""
    others = [row for row in same[: MAX_ROWS_NAMED + 1] if row != index][:MAX_ROWS_NAMED]
    more = len(same) - 1 - len(others)
    named = ", ".join(map(str, others)) + (f" and {more:,} more" if more else "")
    return Fault("repeated", f"This Loan_ID is also at index {named}.", LOAN_ID)
