"""Writers as an earlier version has them: an applicant's row, and a prediction that names its values."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from predictions.tests.conftest import APPLICATION
from predictions.tests.faults import databases
from predictions.tests.faults.background import in_background
from predictions.tests.faults.caller import V1, Caller
from predictions.tests.faults.site import Site

SCHEMA = "0019"  # the last migration with such rows
AT_ONCE = 2  # writers
PAUSE = 0.01  # seconds between two rows of a writer


class Earlier:
    """Stores copies of one prediction under other Loan_IDs; `stored` are those whose transaction ended well.

    A row is a pair of statements in one transaction. A writer goes on after an error, as a web process does.
    """

    def __init__(self, site: Site, token: str) -> None:
        with site.web() as (_, port), Caller(port, token) as caller:
            assert caller.post(f"{V1}/predictions/", APPLICATION).status == 201
        site.manage("migrate", "predictions", SCHEMA)
        self._site, self._place = site, "%s" if site.database else "?"
        ((inputs,),) = site.query("SELECT CAST(inputs AS TEXT) FROM predictions_prediction")
        self._inputs = json.loads(inputs)
        self._applicant = self._copy("applicant", {"loan_id"})
        self._prediction = self._copy("prediction", {"applicant_id", "inputs"})
        self.stored: set[str] = set()
        self._over = threading.Event()

    def store(self, rows: int) -> None:
        """Store so many rows in one transaction."""
        with self._opened() as connection:
            connection.execute("BEGIN")
            for row in range(rows):
                self._insert(connection, f"E{row}")
            connection.execute("COMMIT")
        self.stored |= {f"E{row}" for row in range(rows)}

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Go on storing in the background."""
        with in_background(self._over, *(partial(self._write, name) for name in range(AT_ONCE))):
            yield

    def _write(self, name: int) -> None:
        with self._opened() as connection:
            number = 0
            while not self._over.wait(PAUSE):
                number += 1
                try:
                    connection.execute("BEGIN" if self._site.database else "BEGIN IMMEDIATE")
                    self._insert(connection, f"W{name}-{number}")
                    connection.execute("COMMIT")
                    self.stored.add(f"W{name}-{number}")
                except Exception:  # of either driver
                    with suppress(Exception):
                        connection.execute("ROLLBACK")

    def _insert(self, connection: Any, loan_id: str) -> None:
        ((applicant,),) = connection.execute(self._applicant, [loan_id]).fetchall()
        inputs = json.dumps(self._inputs | {"Loan_ID": loan_id})
        connection.execute(self._prediction, self._ordered(applicant_id=applicant, inputs=inputs)).fetchall()

    def _copy(self, table: str, own: set[str]) -> str:
        """Return a statement that copies a table's row, but for its id and the columns in `own`."""
        with self._opened() as connection:
            columns = [column[0] for column in connection.execute(self._first(table)).description]
        kept = [column for column in columns if column not in {"id", *own}]
        names, values = [*sorted(own), *kept], [*(self._place for _ in own), *kept]
        return (
            f"INSERT INTO predictions_{table} ({', '.join(names)}) "  # noqa: S608
            f"SELECT {', '.join(values)} FROM ({self._first(table)}) AS first RETURNING id"
        )

    @staticmethod
    def _first(table: str) -> str:
        return f"SELECT * FROM predictions_{table} ORDER BY id LIMIT 1"  # noqa: S608

    @staticmethod
    def _ordered(**values: Any) -> list[Any]:
        return [values[name] for name in sorted(values)]

    def _opened(self) -> Any:
        return databases.connection(self._site.database, self._site.var / "db.sqlite3")
