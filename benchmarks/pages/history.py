"""Time lists, desk and queue at 10,000 and at 1,000,000 predictions, on a site whose worker keeps up."""

import statistics
import time
from typing import Any

from benchmarks import table
from benchmarks.site import stored_history
from benchmarks.site.django_client import client, setup

FEW, MANY = 10_000, 1_000_000
_REPEATS = 3
_LIST, _ADMIN = "/history/", "/admin/predictions/prediction/"
_API, _NO_AMOUNT = "/api/v1/", 900_000
_STATES = ["scored", "waiting", "on_hold", "proposed", "decided", "withdrawn", "merged"]
_THOUSANDTH = 25 * 1_000

_QUEUE = {
    "queue": "",
    "queue, yours": "?show=mine",
    "queue, unassigned": "?show=unclaimed",
    "queue, on hold": "?show=hold",
    "queue, due": "?show=due",
    "queue, shortest wait first": "?sort=newest",
    "queue, largest amount first": "?sort=largest",
    "queue, smallest amount first": "?sort=smallest",
    "queue, a missing value": "?cause=gap",
    "queue, amounts from 1,000": "?amount_min=1000",
    "queue, an amount that none has": f"?amount_min={_NO_AMOUNT}",
    "queue, of no batch": "?from_batch=no",
    "queue, due, largest amount first": "?show=due&sort=largest",
    "queue, a page far on": "?start=100",
}
_OF_AN_OFFICER = {
    "desk of an officer": "/",
    "queue of an officer": "/queue/",
    "queue of an officer, yours": "/queue/?show=mine",
    "queue of an officer, on hold": "/queue/?show=hold",
    "queue of an officer, largest amount first": "/queue/?sort=largest",
}


def main() -> None:
    """Fill the site's database twice, time its pages each time, and print one table."""
    setup()
    http, officer = client("reviewer"), client("officer")
    stored_history.fill(FEW)
    few = _all_timed(http, _pages(FEW // 2)) | _all_timed(officer, _OF_AN_OFFICER)
    stored_history.fill(MANY - FEW)
    pages = _pages(MANY - _THOUSANDTH)
    many = _all_timed(http, pages) | _all_timed(officer, _OF_AN_OFFICER)
    queries = _all_queries(http, pages) | _all_queries(officer, _OF_AN_OFFICER)
    rows = [
        [name, f"{few[name]:.0f}", f"{ms:.0f}", f"{ms / few[name]:.2f} x", str(queries[name])]
        for name, ms in many.items()
    ]
    header = ["page", f"CPU ms at {FEW:,}", f"at {MANY:,}", "ratio", "queries"]
    print(*table.lines(f"History, median of {_REPEATS}", header, rows), sep="\n")
    print(*table.lines("History as a file, once", ["file", "seconds", "lines"], [_file(http)]), sep="\n")


def _pages(far: int) -> dict[str, str]:
    """Return the address of each page by its name. The page far on starts after the prediction `far`."""
    asked = {
        "first page": "",
        "a page far on": f"?after={far}",
        "denied": "?outcome=denied",
        "denied, no decision, by API": "?outcome=denied&decision=none&source=api",
        "against the advice": "?override=yes",
        "of one day": "?since=2026-03-01&until=2026-03-01",
        "of one officer": "?officer=officer",
        "of the older version": "?version=2",
        "of no version": "?version=99",
        "one Loan_ID": "?loan_id=LP00000077&exact=on",
        "Loan_IDs that begin alike": "?loan_id=LP000000",
        "40% to 60%": "?probability_min=40&probability_max=60",
        "highest probability": "?sort=highest",
        "highest probability, denied": "?sort=highest&outcome=denied",
        "highest probability, no decision": "?sort=highest&decision=none",
        "lowest probability": "?sort=lowest",
        "an amount that none has": f"?amount_min={_NO_AMOUNT}",
        "an amount that all have": "?amount_min=1",
        "of no source": "?source=batch",
    }
    pages = {name: f"{_LIST}{query}" for name, query in asked.items()}
    states = {f"API, {state}": f"{_API}applications/?state={state}" for state in _STATES}
    return (
        pages
        | states
        | {
            "desk": "/",
            **{name: f"/queue/{query}" for name, query in _QUEUE.items()},
            "several applications of an ID": "/queue/same-ids/",
            "API, predictions": f"{_API}predictions/",
            "API, an amount that none has": f"{_API}predictions/?amount_min={_NO_AMOUNT}",
            "admin, with years": _ADMIN,
            "admin, a month": f"{_ADMIN}?created_at__year=2026&created_at__month=3",
            "admin, denied": f"{_ADMIN}?outcome__exact=denied",
            "admin, no decision": f"{_ADMIN}?decision=none",
            "admin, of no source": f"{_ADMIN}?source__exact=batch",
            "admin, sorted by another column": f"{_ADMIN}?o=3",
            "admin, oldest first": f"{_ADMIN}?o=7",
            "admin, applicants": "/admin/predictions/applicant/",
        }
    )


def _all_timed(http: Any, pages: dict[str, str]) -> dict[str, float]:
    return {name: _timed(http, url) for name, url in pages.items()}


def _all_queries(http: Any, pages: dict[str, str]) -> dict[str, int]:
    return {name: _queries(http, url) for name, url in pages.items()}


def _timed(http: Any, url: str) -> float:
    """Return the median CPU time of a warm page in milliseconds: other work on the machine matters less."""
    http.get(url)
    spent = []
    for _ in range(_REPEATS):
        started = time.process_time()
        reply = http.get(url)
        spent.append(time.process_time() - started)
        assert reply.status_code == 200, (url, reply.status_code)
    return statistics.median(spent) * 1e3


def _file(http: Any) -> list[str]:
    """Download all rows as they are sent."""
    started, lines = time.perf_counter(), 0
    for part in http.get("/history.csv").streaming_content:
        lines += part.count(b"\n")
    return ["history file", f"{time.perf_counter() - started:.1f}", f"{lines:,}"]


def _queries(http: Any, url: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        http.get(url)
    return len(queries)


if __name__ == "__main__":
    main()
