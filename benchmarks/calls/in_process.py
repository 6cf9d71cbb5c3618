"""Time the model alone and the stages of a call of 1,000 rows, without HTTP."""

import json
import statistics
import timeit
from collections.abc import Callable
from typing import Any

from benchmarks import table
from benchmarks.calls.shares import shares
from benchmarks.data import applications
from benchmarks.site.django_client import setup
from ml.products.loan_prediction.schema import built_in

SCHEMA = built_in()

_REPEATS = 15


def main() -> None:
    """Print both tables. Needs the settings of a prepared site."""
    setup()
    print(*_model(), *shares(), sep="\n")


def _model() -> list[str]:
    from ml.applications.json_records import read_json_records
    from ml.applications.records import columns_of, read_json_row
    from predictions.live import active_model

    score = active_model.current().predictor.score
    row = applications.rows(1)[0]
    record, body = read_json_row(SCHEMA, row), json.dumps(row).encode()
    columns = columns_of(SCHEMA, [record])
    stages: dict[str, Callable[[], Any]] = {
        "model call + reasons": lambda: score(columns).explanation(0),
        "the same from a record": lambda: score(columns_of(SCHEMA, [record])).explanation(0),
        "validation": lambda: read_json_row(SCHEMA, row),
        "body of one application": lambda: read_json_records(SCHEMA, body),
    }
    rows = [[name, f"{_microseconds(call):.1f}"] for name, call in stages.items()]
    return table.lines("One row in process, median of repeats", ["stage", "microseconds"], rows)


def _microseconds(call: Callable[[], Any], number: int = 2000) -> float:
    return statistics.median(timeit.repeat(call, number=number, repeat=_REPEATS)) / number * 1e6


if __name__ == "__main__":
    main()
