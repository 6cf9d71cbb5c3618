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


# Filters that each leave many predictions, and together few, none, or none of the newer ones.
_NARROWED = {
    "denied from 40%": "?outcome=denied&probability_min=40",
    "denied from 29%": "?outcome=denied&probability_min=29",
    "50% to 50.3%": "?probability_min=50&probability_max=50.3",
    "a range that none is in": "?probability_min=50.02&probability_max=50.02",
    "amounts in the middle": "?amount_min=300&amount_max=302",
    "amounts in the middle, denied": "?amount_min=300&amount_max=308&outcome=denied",
    "an amount in the middle that none has": "?amount_min=300.2&amount_max=300.4",
    "denied by the older version": "?outcome=denied&version=2",
    "older version, no decision": "?version=2&decision=none&outcome=refer",
    "newer version, oldest first": "?version=1&sort=oldest",
    "long ago, denied": "?until=2026-01-31&outcome=denied",
    "long ago, newer version": "?until=2026-01-31&version=1",
    "of one officer, denied": "?officer=officer&outcome=denied",
    "of one officer, older version": "?officer=officer&version=2",
    "of one officer, by API": "?officer=officer&source=api",
    "approved, denied by a person": "?outcome=approved&decision=denied",
    "highest probability, up to 50%": "?sort=highest&probability_max=50",
    "lowest probability, from 50%": "?sort=lowest&probability_min=50",
    "highest probability, older version": "?sort=highest&version=2&officer=officer",
}
_OWN = {
    "own, of who stored most": _LIST,
    "own, denied": f"{_LIST}?outcome=denied",
    "own, denied from 40%": f"{_LIST}?outcome=denied&probability_min=40",
}


def main() -> None:
    """Fill the site's database twice, time its pages each time, and print one table."""
    setup()
    stored_history.fill(FEW)
    few = {name: _timed(*asked) for name, asked in _requests(FEW // 2).items()}
    stored_history.fill(MANY - FEW)
    rows = []
    for name, asked in _requests(MANY - _THOUSANDTH).items():
        many = _timed(*asked)
        figures = [f"{ms:.0f}" for ms in (few[name], many)]
        rows.append([name, *figures, f"{many / few[name]:.2f} x", str(_queries(*asked))])
    header = ["page", f"CPU ms at {FEW:,}", f"at {MANY:,}", "ratio", "queries"]
    print(*table.lines(f"History, median of {_REPEATS}", header, rows), sep="\n")
    print(
        *table.lines("History as a file, once", ["file", "seconds", "lines"], [_file(client("reviewer"))]),
        sep="\n",
    )


def _requests(far: int) -> dict[str, tuple[Any, str]]:
    """Return by whom each page is asked for, and its address (see `_pages`)."""
    pages = {"reviewer": _pages(far), "client": _OWN, "officer": _OF_AN_OFFICER}
    callers = {name: client(name) for name in pages}
    return {page: (callers[name], url) for name, urls in pages.items() for page, url in urls.items()}


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
        **_NARROWED,
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
            "API, denied from 40%": f"{_API}predictions/?outcome=denied&probability_min=0.4",
            "API, older version": f"{_API}predictions/?model_version=2",
            "admin, with years": _ADMIN,
            "admin, a month": f"{_ADMIN}?created_at__year=2026&created_at__month=3",
            "admin, denied": f"{_ADMIN}?outcome__exact=denied",
            "admin, no decision": f"{_ADMIN}?decision=none",
            "admin, of no source": f"{_ADMIN}?source__exact=batch",
            "admin, older version": f"{_ADMIN}?model_version__id__exact=2",
            "admin, older version, denied": f"{_ADMIN}?model_version__id__exact=2&outcome__exact=denied",
            "admin, sorted by another column": f"{_ADMIN}?o=3",
            "admin, oldest first": f"{_ADMIN}?o=7",
            "admin, applicants": "/admin/predictions/applicant/",
        }
    )


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
