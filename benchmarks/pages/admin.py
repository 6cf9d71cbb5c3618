"""Time the admin's list of 100,000 predictions."""

import statistics
import time
from typing import Any

from benchmarks import table
from benchmarks.data import applications
from benchmarks.site.django_client import client, setup
from ml.products.loan_prediction.schema import built_in

ROWS = 100_000
SCHEMA = built_in()

_REPEATS = 5
_LIST = "/admin/predictions/prediction/"


def main() -> None:
    """Fill the site's database, time its pages, and print the table."""
    setup()
    started = time.perf_counter()
    _fill()
    speed = ROWS / (time.perf_counter() - started)
    http = client("admin")
    rows = [_timed(http, name, query) for name, query in _pages().items()]
    title = f"Admin at {ROWS:,} predictions (stored at {speed:,.0f} rows/s), median of {_REPEATS}"
    print(*table.lines(title, ["page", "ms", "queries", "slowest query ms"], rows), sep="\n")


def _pages() -> dict[str, str]:
    return {
        "predictions, first page": _LIST,
        "filtered by outcome": f"{_LIST}?outcome__exact=denied",
        "filtered by outcome and source": f"{_LIST}?outcome__exact=denied&source__exact=form",
        "filtered by model version": f"{_LIST}?model_version__id__exact=1",
        "filtered by day": f"{_LIST}?created_at__gte=2020-01-01+00%3A00%3A00%2B00%3A00",
        "search of one Loan_ID": f"{_LIST}?q={_loan_id(77, 7)}",
        "search that finds none": f"{_LIST}?q=NOBODY",
        "last page": f"{_LIST}?p={ROWS // 100}",
        "applicants, first page": "/admin/predictions/applicant/",
        "applicants, search": f"/admin/predictions/applicant/?q={_loan_id(77, 7)}",
    }


def _loan_id(chunk: int, row: int) -> str:
    return f"BENCH-{chunk:08d}-{row:04d}"


def _fill() -> None:
    """Store predictions through the scoring service, a thousand at a time."""
    from django.contrib.auth import get_user_model

    from ml.applications.records import read_json_row
    from ml.schemas.schema import LOAN_ID
    from predictions.models import Prediction
    from predictions.services.scoring import scoring

    owner = get_user_model().objects.get(username="client")
    drawn = applications.rows()
    for chunk in range(ROWS // len(drawn)):
        records = [
            read_json_row(SCHEMA, row | {LOAN_ID: _loan_id(chunk, number)})
            for number, row in enumerate(drawn)
        ]
        scoring.score_records(owner=owner, records=records, source=Prediction.Source.API, request_id="bench")


def _timed(http: Any, name: str, url: str) -> list[str]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    spent = []
    for _ in range(_REPEATS):
        started = time.perf_counter()
        reply = http.get(url)
        spent.append(time.perf_counter() - started)
        assert reply.status_code == 200, (url, reply.status_code, reply.headers)
    with CaptureQueriesContext(connection) as queries:
        http.get(url)
    slowest = max(float(query["time"]) for query in queries.captured_queries) * 1e3
    return [name, f"{statistics.median(spent) * 1e3:.0f}", str(len(queries)), f"{slowest:.0f}"]


if __name__ == "__main__":
    main()
