"""Results into a new table."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ml.kinds import Score
from predictions.bulk.databases.driver import Row, driver_of, told
from predictions.bulk.ends import Output
from predictions.bulk.scoring import Terms
from predictions.errors import BadSource

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,47}\Z")


class TableForm:
    """A row for each result, with the values of the CSV's columns."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def say(self, score: Score) -> Row:
        whose = self._terms.model_version, self._terms.policy
        return (score.probability, *self._terms.result(score), *whose)

    def rows(self, loan_ids: Sequence[str], said: Sequence[Row]) -> list[Row]:
        return [(loan_id, *values) for loan_id, values in zip(loan_ids, said, strict=True)]


@contextmanager
def table_output(alias: str, table: str, terms: Terms) -> Iterator[Output]:
    if not _NAME.match(table):
        raise BadSource(f"{table!r} is no name of a table; expected up to 48 letters, digits and _.")
    driver = driver_of(alias)
    with told(alias, driver), driver.new_table(table) as write:
        yield Output(name=f"table {table} of {alias}", form=TableForm(terms), write=write, sha256=str)
