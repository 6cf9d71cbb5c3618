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


def main() -> None:
    """Fill the site's database twice, time its pages each time, and print one table."""
    setup()
    http = client("reviewer")
    stored_history.fill(FEW)
    few = {name: _timed(http, url) for name, url in _pages(FEW // 2).items()}
    stored_history.fill(MANY - FEW)
    rows = []
    for name, url in _pages(MANY - _THOUSANDTH).items():
        many = _timed(http, url)
        figures = [f"{ms:.0f}" for ms in (few[name], many)]
        rows.append([name, *figures, f"{many / few[name]:.2f} x", str(_queries(http, url))])
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
            "queue": "/queue/",
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


def _timed(http: Any, url: str) -> float:
    """Return the median CPU time of a page in milliseconds: other work on the machine matters less."""
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
