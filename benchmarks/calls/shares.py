"""The stages of one call of 1,000 rows and the time of each, without HTTP."""

import contextlib
import functools
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from unittest import mock

from benchmarks import table
from benchmarks.data import applications
from benchmarks.data.loan_ids import LoanIds
from benchmarks.site.django_client import client
from ml.products.loan_prediction.schema import built_in

SCHEMA = built_in()

_REPEATS = 15


def shares() -> list[str]:
    """Return a table of stages. The line before the total is the rest of the time."""
    stages = _stages() | {"database writes": _database()}
    whole = _median(_call())
    stages["records, JSON columns, framework"] = whole - sum(stages.values())
    stages["the whole call"] = whole
    rows = [[name, f"{spent * 1e3:.1f}", f"{spent / whole:.0%}"] for name, spent in stages.items()]
    title = f"A call of {applications.ROWS:,} rows in process, median of {_REPEATS}"
    return table.lines(title, ["stage", "ms", "share"], rows)


def _stages() -> dict[str, float]:
    from predictions.api.calls.rendering import JSONRenderer
    from predictions.services.writing.bodies import read_applications

    body = _body()
    records = read_applications(SCHEMA, body).records
    scored = _score(records)
    return {
        "JSON decoding and validation": _median(lambda: read_applications(SCHEMA, body)),
        "scoring + reasons": _median(lambda: _model(records)),
        "rendering": _median(lambda: JSONRenderer().render(scored.json())),
    }


def _model(records: list[Any]) -> None:
    from ml.applications.records import columns_of
    from predictions.live import active_model

    scores = active_model.current().predictor.score(columns_of(SCHEMA, records))
    for row in range(len(records)):
        scores.explanation(row)


def _score(records: list[Any]) -> Any:
    from django.contrib.auth import get_user_model

    from predictions.models import Prediction
    from predictions.services.scoring import scoring

    owner = get_user_model().objects.get(username="client")
    return scoring.score_records(
        owner=owner, records=records, source=Prediction.Source.API, request_id="bench"
    )


def _database() -> float:
    """Return the median time of storing new rows inside the database, commit included."""
    from predictions.services.writing.bodies import read_applications

    spent = []
    for _ in range(_REPEATS):
        records = read_applications(SCHEMA, _body()).records
        with _timed_database() as parts:
            _score(records)
        spent.append(sum(parts))
    return statistics.median(spent)


@contextlib.contextmanager
def _timed_database() -> Iterator[list[float]]:
    from django.db import connections

    from predictions.services.writing import inserts

    connection, parts = connections["default"], []

    def timed(call: Callable[..., Any], *arguments: Any) -> Any:
        started = time.perf_counter()
        try:
            return call(*arguments)
        finally:
            parts.append(time.perf_counter() - started)

    with (
        connection.execute_wrapper(timed),
        mock.patch.object(connection, "commit", partial(timed, connection.commit)),
        mock.patch.object(inserts, "_execute", partial(timed, inserts._execute)),
    ):
        yield parts


def _call() -> Callable[[], None]:
    """Return a function that calls through routing, middleware and the view set."""
    http = client("client")

    def call() -> None:
        reply = http.post("/api/v1/predictions/", _body(), content_type="application/json")
        assert reply.status_code == 200, reply.content[:500]

    return call


def _body() -> bytes:
    return applications.filled(_template(), _loan_ids())


@functools.cache
def _template() -> bytes:
    return applications.array()


@functools.cache
def _loan_ids() -> LoanIds:
    from predictions.models import Prediction

    return LoanIds(Prediction.objects.count())


def _median(call: Callable[[], Any]) -> float:
    call()
    spent = []
    for _ in range(_REPEATS):
        started = time.perf_counter()
        call()
        spent.append(time.perf_counter() - started)
    return statistics.median(spent)
