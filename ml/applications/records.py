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

from ml.applications.types import Columns, Record, Value
from ml.applications.values import JSON_INPUT, LOAN_ID_LENGTH, PLAIN_LOAN_ID, InputFormat, show_value
from ml.errors import InvalidValue, MLError
from ml.schemas.features import Feature, Kind
from ml.schemas.schema import LOAN_ID, Schema

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
_LOAN_ID_TYPE = Annotated[str, msgspec.Meta(min_length=1, max_length=LOAN_ID_LENGTH, pattern=PLAIN_LOAN_ID)]
_encode_lines = msgspec.json.Encoder().encode_lines
_all_of = msgspec.structs.astuple  # the Loan_ID last


class RecordKind:
    """What reading records of one schema needs; use `record_kind`, which makes it once.

    Attributes
    ----------
    record_type : type of Record
        Accepts the common, valid row in one pass, about a hundred times faster than field by field.
    by_heading : dict of str to str
        The column that a heading of a file means, by the folded heading or alias.
    accepts : bool
        Whether the fields' types and names say all that the schema demands. If not, rows are checked field by
        field.
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.record_type = self.declare(
            LOAN_ID, [*map(_declare_field, schema.features), ("loan_id", _LOAN_ID_TYPE | None, None)]
        )
        self.accepts = all(map(_is_expressible, schema.features)) and all(map(_is_plain_key, schema.fields))
        zeros = [feature.name for feature in schema.features if _may_be_zero(feature)]
        # Of a single name, the getter would not return a tuple.
        self._zeros = operator.attrgetter(*zeros, zeros[-1]) if zeros else lambda record: ()
        self.folded_fields = {fold(column): column for column in (LOAN_ID, *schema.fields)}
        self.folded = self.folded_fields | {fold(schema.target.column): schema.target.column}
        self.by_heading = _by_heading(schema)

    def declare(self, id_field: str, fields: Iterable[FieldDeclaration]) -> type[Record]:
        """Declare a struct whose JSON keys are the public column names."""
        return msgspec.defstruct(  # type: ignore[return-value] # it forgets its bases
            "Record",
            fields,
            bases=(Record,),
            namespace={"of_schema": self.schema},
            rename={f.name: f.column for f in self.schema.features if _is_plain_key(f.column)}
            | {"loan_id": id_field if _is_plain_key(id_field) else LOAN_ID},
            forbid_unknown_fields=True,
            frozen=True,
            kw_only=True,
            gc=False,
        )

    def has_negative_zero(self, record: Record) -> bool:
        """Return True if a number of the record is -0.0, which equals 0.0 but is printed differently."""
        for value in self._zeros(record):  # noqa: SIM110 # half the time that `any` takes
            if value == 0 and math.copysign(1, value) < 0:
                return True
        return False


def _by_heading(schema: Schema) -> dict[str, str]:
    """Return what folded headings mean; of names that fold alike, only the exact spelling means a column."""
    meant: dict[str, set[str]] = {}
    for name in (*schema.fields, schema.target.column):
        meant.setdefault(fold(name), set()).add(name)
    aliases: dict[str, set[str]] = {}
    for feature in schema.features:
        for alias in feature.aliases:
            aliases.setdefault(fold(alias), set()).add(feature.column)
    clear = {heading: names.pop() for heading, names in (aliases | meant).items() if len(names) == 1}
    return {fold(LOAN_ID): LOAN_ID} | clear


@functools.lru_cache(64)
def record_kind(schema: Schema) -> RecordKind:
    """Return what reading records of a schema needs."""
    return RecordKind(schema)


def _declare_field(feature: Feature) -> FieldDeclaration:
    """Declare a type that accepts only values that `from_json` accepts unchanged, though not all of them."""
    if feature.optional:
        return (feature.name, _accepted(feature) | None, None)
    return (feature.name, _accepted(feature))


def _accepted(feature: Feature) -> Any:
    if feature.kind is Kind.CATEGORY:
        return Literal[feature.values]
    if feature.choices:
        numbers = [value for value in feature.values if not isinstance(value, str)]
        return Annotated[float, msgspec.Meta(ge=min(numbers), le=max(numbers), multiple_of=1)]
    if feature.above is not None:
        return Annotated[float, msgspec.Meta(gt=feature.above, le=feature.maximum)]
    return Annotated[float, msgspec.Meta(ge=feature.minimum, le=feature.maximum)]


def _is_expressible(feature: Feature) -> bool:
    """Return False for a number whose choices are not all the whole numbers between two."""
    if feature.kind is Kind.CATEGORY or not feature.choices:
        return True
    numbers = sorted(value for value in feature.values if not isinstance(value, str))
    return numbers == [numbers[0] + step for step in range(len(numbers))] and numbers[0].is_integer()


def _is_plain_key(column: str) -> bool:
    """Return False for a name that a struct cannot read: JSON writes it with a backslash."""
    return '"' not in column and "\\" not in column


def _may_be_zero(feature: Feature) -> bool:
    """Return True if 0 is a value of the number, and so -0, which no bound of a declared type refuses."""
    if feature.kind is Kind.CATEGORY:
        return False
    if feature.choices:
        return 0.0 in feature.values
    low = feature.minimum if feature.above is None else feature.above
    return low is None or low < 0 or (low == 0 and feature.above is None)


def read_json_row(schema: Schema, row: Mapping[str, object], *, ignore_unknown: bool = False) -> Record:
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
    kind = record_kind(schema)
    try:
        record = msgspec.convert(row, kind.record_type)
    except (msgspec.ValidationError, UnicodeEncodeError):  # the latter for half a surrogate pair
        return clean_row(schema, row, JSON_INPUT, ignore_unknown=ignore_unknown)
    if not kind.accepts or kind.has_negative_zero(record):
        return clean_row(schema, row, JSON_INPUT, ignore_unknown=ignore_unknown)
    return record


def clean_row(
    schema: Schema, row: Mapping[str, object], door: InputFormat, *, ignore_unknown: bool = False
) -> Record:
    """Check a row field by field as `door` does; collects every fault (see `read_json_row`)."""
    faults = list(_unknown_columns(schema, row, ignore_unknown))
    cleaned: dict[str, Value] = {}
    loan_id = None
    for feature in schema.features:
        try:
            cleaned[feature.name] = door.value(feature, row.get(feature.column))
        except InvalidValue as error:
            faults.append(Fault(error.code, error.detail, feature.column))
    id_field = schema.id_field if schema.id_field in row else LOAN_ID
    try:
        cleaned["loan_id"] = loan_id = door.loan_id(row.get(id_field))
    except InvalidValue as error:
        faults.append(Fault(error.code, error.detail, id_field))
    if faults:
        raise InvalidRecord(faults, loan_id)
    return record_kind(schema).record_type(**cleaned)


def fold(name: str) -> str:
    """Return a name without case, spaces, hyphens and underscores, which do not tell columns apart."""
    return "".join(name.split()).replace("_", "").replace("-", "").lower()


def nearest(schema: Schema, name: str) -> str | None:
    """Return the field that `name` most likely means."""
    return _nearest(schema, fold(name[:_NAME_SHOWN]))


@functools.lru_cache(maxsize=1024)  # a client's slip comes once per row
def _nearest(schema: Schema, folded: str) -> str | None:
    fields = record_kind(schema).folded_fields
    close = difflib.get_close_matches(folded, fields, n=1, cutoff=0.7)
    return fields[close[0]] if close else None


def is_near_miss(schema: Schema, name: str) -> bool:
    """Return True if `name` differs from a known column only in case, spaces, hyphens or underscores."""
    return record_kind(schema).folded.get(fold(name), name) != name


def _unknown_columns(schema: Schema, row: Mapping[str, object], ignore_unknown: bool) -> Iterator[Fault]:
    """Name the first `_MAX_UNKNOWN` unknown fields, each with the nearest known one."""
    ids = (LOAN_ID, schema.id_field)
    strange = [name for name in row if name not in schema.by_column and name not in ids]
    if schema.id_field != LOAN_ID and LOAN_ID in row and schema.id_field in row:
        yield Fault(
            "invalid", f"{LOAN_ID} and {schema.id_field} name the same; expected one of them.", LOAN_ID
        )
    unknown = [name for name in strange if is_near_miss(schema, name)] if ignore_unknown else strange
    for place, name in enumerate(unknown[:_MAX_UNKNOWN]):
        close = nearest(schema, name) if place < _MAX_HINTS else None
        hint = f"Did you mean {close}?" if close else f"Known fields: {', '.join(schema.fields)}."
        yield _unknown(f"{show_value(name)} is not a field of an application. {hint}", name)
    if len(unknown) > _MAX_UNKNOWN:
        more = len(unknown) - _MAX_UNKNOWN
        yield _unknown(f"{more:,} more fields are not fields of an application.", unknown[_MAX_UNKNOWN])


def _unknown(detail: str, name: str) -> Fault:
    shown = name[:_NAME_SHOWN].encode(errors="backslashreplace").decode()  # half a surrogate pair is no UTF-8
    return Fault("unknown_field", detail, shown)


def columns_of(schema: Schema, records: Sequence[Record]) -> Columns:
    """Turn records into columns: public column name to a sequence of values, ``None`` for a gap."""
    values = [*itertools.chain.from_iterable(map(_all_of, records))]
    width = len(schema.columns) + 1
    return {column: values[place::width] for place, column in enumerate(schema.columns)}


def values_of(record: Record) -> tuple[Value, ...]:
    """Return a record's values in the order of its schema's columns, ``None`` for a gap."""
    return _all_of(record)[:-1]


def values_by_column(record: Record) -> dict[str, Value]:
    """Return a record's values by column, ``None`` for a gap."""
    return dict(zip(record.of_schema.columns, values_of(record), strict=True))


def json_lines(values: Sequence[object]) -> list[str]:
    """Return the JSON of each value."""
    return encoded_lines(values).decode().split("\n")[:-1]


def encoded_lines(values: Sequence[object]) -> bytes:
    """Return the JSON of each value and a line feed behind it. JSON itself has none."""
    return _encode_lines(values)
