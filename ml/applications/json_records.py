"""Fast path for JSON bodies: complete, valid applications are read straight into records, in one pass.

All other bodies are decoded by `ml.applications.strict_json` and checked field by field
(`ml.applications.records.read_json_row`), to say what is wrong with them.
"""

import operator
from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from ml.applications.records import ApplicationRecord, declare_record, has_negative_zero
from ml.applications.types import Record
from ml.applications.values import LOAN_ID_LENGTH, loan_id_from_json
from ml.errors import InvalidValue

_FIELDS = msgspec.structs.fields(ApplicationRecord)
# A single application may omit optional fields. UNSET tells them from fields that are given as null.
_SingleRecord = declare_record(
    (f.name, f.type) if f.required else (f.name, f.type | UnsetType, UNSET) for f in _FIELDS
)
# Rows of an array give every field. Their Loan_IDs are checked together: a pattern is matched row by row.
_LOAN_ID = Annotated[str, msgspec.Meta(min_length=1, max_length=LOAN_ID_LENGTH)]
_RowRecord = declare_record((f.name, _LOAN_ID if f.name == "loan_id" else f.type) for f in _FIELDS)
_decode = msgspec.json.Decoder(_SingleRecord | list[_RowRecord]).decode  # type: ignore[valid-type]
_loan_id = operator.attrgetter("loan_id")


def read_json_records(body: bytes) -> Record | Sequence[Record] | None:
    """Read one application, or an array of applications that give every field.

    Returns
    -------
    Record, sequence of Record or None
        ``None`` for a body that breaks a rule, and for a valid one that only the careful readers can judge.
    """
    try:
        decoded: Record | Sequence[Record] = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if isinstance(decoded, Record):
        return _checked_single(decoded, body)
    # As many colons as fields: no key is repeated (the decoder would keep the last value).
    no_repeats = body.count(b":") == len(_FIELDS) * len(decoded)
    return decoded if no_repeats and _rows_are_valid(decoded, body) else None


def _checked_single(record: Record, body: bytes) -> Record | None:
    values = msgspec.structs.astuple(record)
    omitted = values.count(UNSET)
    if body.count(b":") != len(_FIELDS) - omitted:
        return None
    if omitted:
        gaps = {field.name: None for field, value in zip(_FIELDS, values, strict=True) if value is UNSET}
        record = msgspec.structs.replace(record, **gaps)
    return None if has_negative_zero(record) else record


def _rows_are_valid(records: Sequence[Record], body: bytes) -> bool:
    loan_ids: list[str] = [*map(_loan_id, records)]
    joined = "".join(loan_ids)
    plain = joined.isascii() and joined.isprintable() and " " not in joined
    # A minus outside of the Loan_IDs may be that of -0, which the bounds of a declared type let pass.
    signed = body.count(b"-") != joined.count("-")
    return (plain or all(map(_is_stored_as_given, loan_ids))) and not (
        signed and any(map(has_negative_zero, records))
    )


def _is_stored_as_given(loan_id: str) -> bool:
    try:
        return loan_id_from_json(loan_id) == loan_id
    except InvalidValue:
        return False
