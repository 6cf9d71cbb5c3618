"""Results into a new table."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from predictions.bulk.databases.driver import driver_of, told
from predictions.bulk.ends import Output
from predictions.bulk.row_form import RowForm
from predictions.bulk.scoring import Terms
from predictions.errors import BadSource

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,47}\Z")


@contextmanager
def table_output(alias: str, table: str, terms: Terms) -> Iterator[Output]:
    if not _NAME.match(table):
        raise BadSource(f"{table!r} is no name of a table; expected up to 48 letters, digits and _.")
    driver = driver_of(alias)
    with told(alias, driver), driver.new_table(table) as write:
        yield Output(name=f"table {table} of {alias}", form=RowForm(terms), write=write, sha256=str)
