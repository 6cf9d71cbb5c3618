"""A portfolio scored inside its database: the exported SQL in DuckDB beside the scorecard in Python."""

import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks import table
from benchmarks.data import real_rows
from benchmarks.site.django_client import setup
from ml.products.loan_prediction.schema import built_in

SCHEMA = built_in()

ROWS = 1_000_000
_REPEATS = 3
_DISTINCT = 100_000  # applications, repeated with incomes of their own
_LOAN_ID = "Loan_ID"


def main() -> None:
    """Score the same columns both ways by turns and print the table; run with a prepared site's settings."""
    import duckdb

    setup()
    columns = _columns()
    with duckdb.connect() as database:
        _fill(database, columns)
        ways = _ways(database, columns)
        rounds = [{name: _seconds(way) for name, way in ways.items()} for _ in range(_REPEATS)]
    spent = {name: statistics.median(found[name] for found in rounds) for name in ways}
    print(*_table(spent), sep="\n")


def _columns() -> dict[str, Any]:

    drawn = real_rows.drawn(_DISTINCT)
    columns = {name: [row[name] for row in drawn] * (ROWS // _DISTINCT) for name in SCHEMA.columns}
    raised = enumerate(columns["ApplicantIncome"])
    return columns | {"ApplicantIncome": [income + number // _DISTINCT for number, income in raised]}


def _fill(database: Any, columns: dict[str, Any]) -> None:
    """Copy the columns into a table, through a DataFrame that DuckDB reads."""
    import pandas as pd

    frame = pd.DataFrame(columns)
    frame.insert(0, _LOAN_ID, [f"BENCH-{number:07d}" for number in range(ROWS)])
    database.register("frame", frame)
    database.execute("CREATE TABLE applicants AS SELECT * FROM frame")
    database.unregister("frame")


def _ways(database: Any, columns: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    from predictions.live import active_model
    from predictions.models import ModelVersion
    from predictions.services.versions.export import export_version

    score = active_model.current().predictor.score
    sql = export_version(ModelVersion.objects.active().get(), format="sql", dialect="duckdb").text

    def explained() -> None:
        scores = score(columns)
        for row in range(ROWS):
            scores.explanation(row)

    return {
        "Scorecard.score, no reasons": lambda: score(columns),
        "Scorecard.score + reasons": explained,
        "SQL in DuckDB, with reasons": lambda: database.execute(f"CREATE OR REPLACE TABLE scored AS {sql}"),
    }


def _seconds(way: Callable[[], Any]) -> float:
    started = time.perf_counter()
    way()
    return time.perf_counter() - started


def _table(spent: dict[str, float]) -> list[str]:
    python = spent["Scorecard.score + reasons"]
    rows = [
        [name, f"{python / seconds:.2f} x", f"{seconds:.2f}", f"{ROWS / seconds:,.0f}"]
        for name, seconds in spent.items()
    ]
    title = f"A portfolio of {ROWS:,} rows, median of {_REPEATS}"
    return table.lines(title, ["way", "ratio", "seconds", "rows/s"], rows)


if __name__ == "__main__":
    main()
