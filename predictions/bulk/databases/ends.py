"""Applications from a query."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ml.applications.schema import COLUMNS, LOAN_ID, TARGET
from ml.tables.cells import Rows
from ml.tables.training_csv import header_faults
from predictions.bulk.databases.driver import Result, driver_of, told
from predictions.bulk.databases.statement import check_statement
from predictions.bulk.ends import Source
from predictions.errors import BadSource

_AT_ONCE = 5_000  # rows, about as many as a block of CSV text has
_FIELDS = (LOAN_ID, *COLUMNS)


@contextmanager
def sql_source(alias: str, sql: str) -> Iterator[Source]:
    driver = driver_of(alias)
    check_statement(sql, driver.dialect)
    with told(alias, driver), driver.reading(sql) as result:
        read = _Read(_names(result), result)
        yield Source(
            name=f"database {alias}",
            place="row",
            chunks=read.chunks(),
            empty=BadSource("The query gives no rows; at least one is expected."),
            unit="rows",
            done=lambda: (read.rows, None),
            sha256=hashlib.sha256(sql.encode()).hexdigest,
        )


class _Read:
    """`rows` says how many."""

    def __init__(self, names: Sequence[str], result: Result) -> None:
        self._names, self._result, self.rows = names, result, 0

    def chunks(self) -> Iterator[Rows]:
        while rows := self._result.fetchmany(_AT_ONCE):
            first = self.rows + 1
            self.rows += len(rows)
            yield Rows(first, self._names, rows)


def _names(result: Result) -> list[str]:
    names = [column[0] for column in result.description or ()]
    if faults := header_faults(names, _FIELDS, known=(*_FIELDS, TARGET)):
        raise BadSource("\n".join(["The query's columns cannot be used:", *faults]))
    return names
