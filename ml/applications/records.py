"""Rows in, checked records out: the row-level rules that every door shares."""

import difflib
import functools
import itertools
import math
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec

from ml.applications.schema import BY_COLUMN, COLUMNS, FEATURES, FIELDS, LOAN_ID, TARGET, Feature, Kind
from ml.applications.types import Columns, Record, Value
from ml.applications.values import JSON_INPUT, LOAN_ID_LENGTH, PLAIN_LOAN_ID, InputFormat, show_value
from ml.errors import InvalidValue, MLError

_MAX_UNKNOWN = 20
_MAX_HINTS = 3  # a search for the nearest name takes longer than all other checks of the row
_NAME_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one field of one row was refused."""

    code: str
    detail: str
    attr: str | None


class InvalidRecord(MLError, ValueError):
    """A row was refused; `faults` lists every field at fault."""

    def __init__(self, faults: Sequence[Fault], loan_id: str | None = None) -> None:
        super().__init__("; ".join(f"{fault.attr}: {fault.detail}" for fault in faults))
        self.faults = list(faults)
        self.loan_id = loan_id


FieldDeclaration = tuple[str, object] | tuple[str, object, object]  # name, type, and a default if optional


def _declare_field(feature: Feature) -> FieldDeclaration:
    """Declare a type that accepts only values that `from_json` accepts unchanged, though not all of them."""
    if feature.optional:
        return (feature.name, _accepted(feature) | None, None)
    return (feature.name, _accepted(feature))


def _accepted(feature: Feature) -> Any:
    if feature.choices and feature.kind is Kind.CATEGORY:
        return Literal[feature.values]
    if feature.choices:
        return Annotated[float, msgspec.Meta(ge=0, le=1, multiple_of=1)]
    if feature.above is not None:
        return Annotated[float, msgspec.Meta(gt=feature.above, le=feature.maximum)]
    return Annotated[float, msgspec.Meta(ge=feature.minimum, le=feature.maximum)]


def declare_record(fields: Iterable[FieldDeclaration]) -> type[Record]:
    """Declare a struct whose JSON keys are the public column names."""
    return msgspec.defstruct(  # type: ignore[return-value] # it forgets its bases
        "Record",
        fields,
        bases=(Record,),
        rename={feature.name: feature.column for feature in FEATURES} | {"loan_id": LOAN_ID},
        forbid_unknown_fields=True,
        frozen=True,
        kw_only=True,
        gc=False,
    )


_LOAN_ID_TYPE = Annotated[str, msgspec.Meta(min_length=1, max_length=LOAN_ID_LENGTH, pattern=PLAIN_LOAN_ID)]

# The common, valid row is accepted in one pass, about a hundred times faster than field by field.
ApplicationRecord = declare_record([*map(_declare_field, FEATURES), ("loan_id", _LOAN_ID_TYPE | None, None)])
# What of a record may be 0, and then -0 as well, which no bound of a declared type refuses.
_zeros = operator.attrgetter(
    *(f.name for f in FEATURES if f.kind is Kind.NUMBER and (f.minimum == 0 or 0.0 in f.values))
)
_encode_lines = msgspec.json.Encoder().encode_lines
_all_of = msgspec.structs.astuple  # the Loan_ID last


def read_json_row(row: Mapping[str, object], *, ignore_unknown: bool = False) -> Record:
    """Check one decoded JSON object.

    Parameters
    ----------
    row : mapping
        Column name to JSON value.
    ignore_unknown : bool
        Pass over columns that no feature has, unless the name is a near miss of a known one.

    Returns
    -------
    Record

    Raises
    ------
    InvalidRecord
        With every fault of the row.
    """
    try:
        record = msgspec.convert(row, ApplicationRecord)
    except (msgspec.ValidationError, UnicodeEncodeError):  # the latter for half a surrogate pair
        return clean_row(row, JSON_INPUT, ignore_unknown=ignore_unknown)
    return clean_row(row, JSON_INPUT, ignore_unknown=ignore_unknown) if has_negative_zero(record) else record


def has_negative_zero(record: Record) -> bool:
    """Return True if a number of the record is -0.0, which equals 0.0 but is printed differently."""
    for value in _zeros(record):  # noqa: SIM110 # half the time that `any` takes
        if value == 0 and math.copysign(1, value) < 0:
            return True
    return False


def clean_row(row: Mapping[str, object], door: InputFormat, *, ignore_unknown: bool = False) -> Record:
    """Check a row field by field as `door` does; collects every fault (see `read_json_row`)."""
    faults = list(_unknown_columns(row, ignore_unknown))
    cleaned: dict[str, Value] = {}
    loan_id = None
    for feature in FEATURES:
        try:
            cleaned[feature.name] = door.value(feature, row.get(feature.column))
        except InvalidValue as error:
            faults.append(Fault(error.code, error.detail, feature.column))
    try:
        cleaned["loan_id"] = loan_id = door.loan_id(row.get(LOAN_ID))
    except InvalidValue as error:
        faults.append(Fault(error.code, error.detail, LOAN_ID))
    if faults:
        raise InvalidRecord(faults, loan_id)
    return ApplicationRecord(**cleaned)


def _fold(name: str) -> str:
    return "".join(name.split()).replace("_", "").lower()


_FOLDED_FIELDS = {_fold(column): column for column in FIELDS}
_FOLDED = _FOLDED_FIELDS | {_fold(TARGET): TARGET}


def nearest(name: str) -> str | None:
    """Return the field that `name` most likely means."""
    return _nearest(_fold(name[:_NAME_SHOWN]))


@functools.lru_cache(maxsize=1024)  # a client's slip comes once per row
def _nearest(folded: str) -> str | None:
    close = difflib.get_close_matches(folded, _FOLDED_FIELDS, n=1, cutoff=0.7)
    return _FOLDED_FIELDS[close[0]] if close else None


def near_miss(name: str) -> str | None:
    """Return the known column from which `name` differs only in case, spaces or underscores."""
    known = _FOLDED.get(_fold(name))
    return known if known != name else None


def is_near_miss(name: str) -> bool:
    """Return True if `name` is a known column in another spelling (see `near_miss`)."""
    return near_miss(name) is not None


def _unknown_columns(row: Mapping[str, object], ignore_unknown: bool) -> Iterator[Fault]:
    """Name the first `_MAX_UNKNOWN` unknown fields, each with the nearest known one."""
    strange = [name for name in row if name not in BY_COLUMN and name != LOAN_ID]
    unknown = [name for name in strange if is_near_miss(name)] if ignore_unknown else strange
    for place, name in enumerate(unknown[:_MAX_UNKNOWN]):
        close = nearest(name) if place < _MAX_HINTS else None
        hint = f"Did you mean {close}?" if close else f"Known fields: {', '.join(FIELDS)}."
        yield _unknown(f"{show_value(name)} is not a field of an application. {hint}", name)
    if len(unknown) > _MAX_UNKNOWN:
        more = len(unknown) - _MAX_UNKNOWN
        yield _unknown(f"{more:,} more fields are not fields of an application.", unknown[_MAX_UNKNOWN])


def _unknown(detail: str, name: str) -> Fault:
    shown = name[:_NAME_SHOWN].encode(errors="backslashreplace").decode()  # half a surrogate pair is no UTF-8
    return Fault("unknown_field", detail, shown)


def columns_of(records: Sequence[Record]) -> Columns:
    """Turn records into columns: public column name to a sequence of values, ``None`` for a gap."""
    values = [*itertools.chain.from_iterable(map(_all_of, records))]
    return {column: values[place :: len(COLUMNS) + 1] for place, column in enumerate(COLUMNS)}


def values_of(record: Record) -> tuple[Value, ...]:
    """Return a record's values in the order of `COLUMNS`, ``None`` for a gap."""
    return _all_of(record)[:-1]


def json_lines(values: Sequence[object]) -> list[str]:
    """Return the JSON of each value."""
    return _encode_lines(values).decode().split("\n")[:-1]
