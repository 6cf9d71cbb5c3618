"""Fast path for JSON bodies: complete, valid applications are read straight into records, in one pass.

All other bodies are decoded by `ml.applications.strict_json` and checked field by field
(`ml.applications.records.read_json_row`), to say what is wrong with them.
"""

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from ml.applications.records import RecordKind, record_kind
from ml.applications.types import Record
from ml.applications.values import LOAN_ID_LENGTH, loan_id_from_json
from ml.errors import InvalidValue
from ml.schemas.schema import LOAN_ID, Schema

# Rows of an array give every field. Their Loan_IDs are checked together: a pattern is matched row by row.
_LOAN_ID = Annotated[str, msgspec.Meta(min_length=1, max_length=LOAN_ID_LENGTH)]
_loan_id = operator.attrgetter("loan_id")
JsonReader = Callable[[bytes], Record | Sequence[Record] | None]


def read_json_records(schema: Schema, body: bytes) -> Record | Sequence[Record] | None:
    """Read one application, or an array of applications that give every field.

    Returns
    -------
    Record, sequence of Record or None
        ``None`` for a body that breaks a rule, and for a valid one that only the careful readers can judge.
    """
    read = _reader(schema, LOAN_ID)(body)
    if read is None and schema.id_field != LOAN_ID:
        return _reader(schema, schema.id_field)(body)
    return read


@functools.lru_cache(64)
def _reader(schema: Schema, id_field: str) -> JsonReader:
    kind = record_kind(schema)
    return _JsonRecords(kind, id_field) if kind.accepts else lambda body: None


class _JsonRecords:
    """Reads bodies whose applications name their ID `id_field`."""

    def __init__(self, kind: RecordKind, id_field: str) -> None:
        self._fields = msgspec.structs.fields(kind.record_type)
        self._has_negative_zero = kind.has_negative_zero
        # A single application may omit optional fields. UNSET tells them from fields that are given as null.
        single = kind.declare(
            id_field,
            ((f.name, f.type) if f.required else (f.name, f.type | UnsetType, UNSET) for f in self._fields),
        )
        row = kind.declare(
            id_field, ((f.name, _LOAN_ID if f.name == "loan_id" else f.type) for f in self._fields)
        )
        self._single = single
        self._decode = msgspec.json.Decoder(single | list[row]).decode  # type: ignore[valid-type]

    def __call__(self, body: bytes) -> Record | Sequence[Record] | None:
        try:
            decoded: Record | Sequence[Record] = self._decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        if isinstance(decoded, Record):
            return self._checked_single(decoded, body)
        # As many colons as fields: no key is repeated (the decoder would keep the last value).
        no_repeats = body.count(b":") == len(self._fields) * len(decoded)
        return decoded if no_repeats and self._rows_are_valid(decoded, body) else None

    def _checked_single(self, record: Record, body: bytes) -> Record | None:
        values = msgspec.structs.astuple(record)
        omitted = values.count(UNSET)
        if body.count(b":") != len(self._fields) - omitted:
            return None
        if omitted:
            gaps = {f.name: None for f, value in zip(self._fields, values, strict=True) if value is UNSET}
            record = msgspec.structs.replace(record, **gaps)
        return None if self._has_negative_zero(record) else record

    def _rows_are_valid(self, records: Sequence[Record], body: bytes) -> bool:
        loan_ids: list[str] = [*map(_loan_id, records)]
        joined = "".join(loan_ids)
        plain = joined.isascii() and joined.isprintable() and " " not in joined
        # A minus outside of the Loan_IDs may be that of -0, which the bounds of a declared type let pass.
        signed = body.count(b"-") != joined.count("-")
        return (plain or all(map(_is_stored_as_given, loan_ids))) and not (
            signed and any(map(self._has_negative_zero, records))
        )


def _is_stored_as_given(loan_id: str) -> bool:
    try:
        return loan_id_from_json(loan_id) == loan_id
    except InvalidValue:
        return False
