"""PostgreSQL: the predictions of several calls, and their entries in the queue, in one statement.

The statement draws the ids, inserts, and counts the earlier predictions of each application that a call asks
about. Sent alone it is a transaction: one round trip from the first row to the end of the commit.
"""

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from django.db import connection, transaction

from ml.applications.values import compose_nfc
from predictions.models import Prediction, Referral
from predictions.services.queue.entries import KEEP_PLACE
from predictions.services.scoring.scoring import PREDICTION_COLUMNS, PreparedCall
from predictions.services.writing.inserts import as_time
from predictions.services.writing.replies import ScoredRows

MAX_ROWS = 100  # of a call
_PREDICTIONS, _QUEUE = Prediction._meta.db_table, Referral._meta.db_table
_TYPES = {
    "loan_id": "text",
    "inputs": "jsonb",
    "warnings": "jsonb",
    "explanation_id": "bigint",
    "approval_probability": "float8",
    "outcome": "text",
    "product_id": "bigint",
    "owner_id": "int",
    "model_version_id": "bigint",
    "policy_id": "bigint",
    "source": "text",
    "request_id": "text",
    "created_at": "timestamptz",
}
_OF_CALL = [name for name in _TYPES if name not in PREDICTION_COLUMNS]
_ENTRY_TYPES = {
    "loan_id": "text",
    "amount": "float8",
    "causes": "text",
    "owner_id": "int",
    "product_id": "bigint",
    "since": "timestamptz",
    "source": "text",
}
# Types of the parameters, which are arrays: the columns of predictions, whether a row asks for the number of
# earlier ones, the columns of entries, the row of each entry.
PARAMETER_TYPES = [f"{name}[]" for name in (*_TYPES.values(), "bool", *_ENTRY_TYPES.values(), "int")]


def _statement() -> str:
    columns, entries = ", ".join(_TYPES), ", ".join(_ENTRY_TYPES)
    parameters = [f"${number}::{name}" for number, name in enumerate(PARAMETER_TYPES, 1)]
    first = len(_TYPES) + 1  # the first parameter of the queue
    rows, of_queue = ", ".join(parameters[:first]), ", ".join(parameters[first:])
    return f"""
WITH given AS MATERIALIZED (
  SELECT nextval((SELECT pg_get_serial_sequence('{_PREDICTIONS}', 'id')::regclass)) AS id, rows.*
  FROM unnest({rows}) WITH ORDINALITY AS rows ({columns}, asks, place)
), stored AS (
  INSERT INTO {_PREDICTIONS} (id, {columns}) SELECT id, {columns} FROM given
), entered AS (
  INSERT INTO {_QUEUE} (prediction_id, {entries})
  SELECT given.id, {", ".join(f"entry.{name}" for name in _ENTRY_TYPES)}
  FROM unnest({of_queue}) WITH ORDINALITY AS entry ({entries}, place, number)
  JOIN given USING (place) ORDER BY entry.number {KEEP_PLACE}
)
SELECT id, CASE WHEN asks THEN (
  SELECT count(*) FROM {_PREDICTIONS} earlier WHERE earlier.loan_id = given.loan_id
  AND earlier.owner_id = given.owner_id AND earlier.product_id IS NOT DISTINCT FROM given.product_id
  AND earlier.id < given.id
) ELSE 0 END FROM given ORDER BY place"""  # noqa: S608 - names of the code


STATEMENT = _statement()


class Asking(NamedTuple):
    """A call and whether its reply tells how often its one application was scored before."""

    call: PreparedCall
    asks: bool

    @property
    def fits(self) -> bool:
        """Whether the statement can store the call.

        The staff's Loan_IDs are locked and looked up first. An ID of other letters is looked up in several
        spellings. COPY writes many rows sooner.
        """
        loan_ids = self.call.loan_ids
        return (
            not self.call.of_staff and len(loan_ids) <= MAX_ROWS and (not self.asks or loan_ids[0].isascii())
        )


class Stored(NamedTuple):
    """The predictions of a call, and how many of its one application are older."""

    scored: ScoredRows
    earlier: int


def store_in_one_statement(calls: Sequence[Asking]) -> list[Stored]:
    """Store calls by this thread's connection. It waits for the server as any statement does."""
    from psycopg import RawCursor  # installed where the database is PostgreSQL

    connection.ensure_connection()
    savepoint = transaction.atomic() if connection.in_atomic_block else contextlib.nullcontext()
    with savepoint, connection.wrap_database_errors:
        rows = RawCursor(connection.connection).execute(STATEMENT, parameters(calls), prepare=True).fetchall()
    return stored_calls(calls, rows)


def parameters(calls: Sequence[Asking]) -> list[str]:
    """Return the values of `STATEMENT` for calls in this order."""
    rows = [row for call, asks in calls for row in _rows(call, asks=asks)]
    entries = _entries(call for call, _ in calls)
    columns = [*zip(*rows, strict=True), *(zip(*entries, strict=True) if entries else [()] * _ENTRY_LENGTH)]
    return [_array(column) for column in columns]


_ENTRY_LENGTH = len(_ENTRY_TYPES) + 1


def _rows(call: PreparedCall, *, asks: bool) -> Iterator[tuple[object, ...]]:
    of_call = [*map(call.shared.get, _OF_CALL), asks]
    return ((*row, *of_call) for row in call.rows)


def _entries(calls: Iterable[PreparedCall]) -> list[tuple[object, ...]]:
    """Return the entries of all calls, in the order that all writers use (see `prepare_entries`).

    Of calls with one application the first says since when it waits, the last all else.
    """
    entries: dict[tuple[str, int | None, int], tuple[object, ...]] = {}
    first_row = 1
    for call in calls:
        entrance = call.entries.entrance
        for loan_id, (row, amount, causes) in call.entries.by_loan_id.items():
            key = loan_id, entrance.owner_id, entrance.product_id
            since = entries[key][5] if key in entries else as_time(entrance.now)
            facts = amount, causes, *key[1:], since, entrance.source
            entries[key] = (loan_id, *facts, first_row + row)
        first_row += len(call.rows)
    return [entries[key] for key in sorted(entries)]


def _array(values: Sequence[object]) -> str:
    return f"{{{','.join(map(_element, values))}}}"


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int | float):
        return str(value)
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def stored_calls(calls: Sequence[Asking], rows: Sequence[Sequence[int]]) -> list[Stored]:
    """Return what became of calls, given what `STATEMENT` returned.

    It sees no row of its own: those of the calls before are counted here.
    """
    met, place, stored = Counter[tuple[int | None, int, str]](), 0, list[Stored]()
    for call, asks in calls:
        own = rows[place : place + len(call.rows)]
        place += len(own)
        entrance = call.entries.entrance
        keys = [(entrance.owner_id, entrance.product_id, compose_nfc(loan_id)) for loan_id in call.loan_ids]
        earlier = own[0][1] + met[keys[0]] if asks else 0
        met.update(keys)
        stored.append(Stored(call.stored([pk for pk, _ in own]), earlier))
    return stored
