"""Large calls: heavy bodies are refused at once, few calls wait, the others are told when to come again."""

import queue
import threading

import pytest

from predictions.errors import TooManyLargeCalls
from predictions.models import Prediction
from predictions.roles import Role
from predictions.services.writing.locks import LARGE_BODY, MAX_LARGE_CALLS, large_call_lock
from predictions.tests.api.test_input_bodies import ARTICLE, DOORS, V1, refusal
from predictions.tests.helpers.api import ApiClient

HEAVY = {
    "[[],[],...]": ("[" + "[]," * 2_700_000 + "[]]", 400),
    "[{},{},...]": ("[" + "{}," * 2_700_000 + "{}]", 413),
    "20,000 rows": ("[" + "{}," * 20_000 + "{}]", 413),
    "a row of arrays": ('[{"Loan_ID":[' + "[]," * 2_700_000 + "[]]}]", 413),
    "an object of arrays": ('{"x":[' + "[]," * 2_600_000 + "[]]}", 413),
    "a table by columns": ('{"Loan_ID":[' + "[]," * 2_600_000 + "[]]}", 400),
}


@pytest.fixture
def api(active_version, user_with):
    return ApiClient(user_with(Role.ADMIN))


@pytest.fixture
def callers():
    """Start threads that each ask for a turn, and end with it; returns where those come out that got none."""
    threads, refused = [], queue.Queue()

    def ask():
        try:
            with large_call_lock(LARGE_BODY):
                pass
        except TooManyLargeCalls as error:
            refused.put(error)

    def start(count):
        threads.extend(threading.Thread(target=ask) for _ in range(count))
        for thread in threads[-count:]:
            thread.start()
        return refused

    yield start
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", HEAVY)
def test_a_heavy_body_is_refused_at_both_doors(api, door, name):
    text, status = HEAVY[name]
    refusal(api.post(door, text), status)


def test_a_heavy_text_is_refused_by_the_articles_endpoint(api):
    refusal(api.post(ARTICLE, f'"{"[" + "[]," * 2_700_000 + "[]]"}"'), 400)


@pytest.mark.parametrize("path", [f"{V1}1/decisions/", "/api/v1/models/1/activate/"])
def test_a_heavy_body_is_refused_where_one_object_is_expected(api, path):
    assert api.post(path, HEAVY["[[],[],...]"][0]).status_code == 400
    assert api.post(path, HEAVY["an object of arrays"][0]).status_code == 413


def test_few_large_calls_wait_and_the_others_are_refused_at_once(callers):
    with large_call_lock(LARGE_BODY):
        refused = callers(MAX_LARGE_CALLS + 5)
        waited = [refused.get(timeout=30) for _ in range(6)]  # all but those that may wait
    assert [error.retry_after for error in waited] == [1] * 6
    assert refused.empty()


def test_a_call_that_finds_too_many_large_ones_is_told_when_to_come_again(api, application, callers):
    rows = [application | {"Loan_ID": str(n)} for n in range(100)]
    with large_call_lock(LARGE_BODY):
        callers(MAX_LARGE_CALLS)
        reply = api.post(V1, rows)
        assert api.post(V1, application).status_code == 201  # a small one does not wait
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "1")
    assert (reply.json()["errors"][0]["code"], Prediction.objects.count()) == ("busy", 1)
    assert api.post(V1, rows).status_code == 200


def test_a_call_that_fails_gives_its_turn_away():
    def fail():
        with pytest.raises((LookupError, TooManyLargeCalls)) as raised, large_call_lock(LARGE_BODY):
            raise LookupError
        return raised.type

    assert [fail() for _ in range(2 * MAX_LARGE_CALLS)] == [LookupError] * 2 * MAX_LARGE_CALLS


def test_names_that_nobody_knows_are_counted_beyond_the_listed_ones(api):
    rows = [{f"LoanAmnt{row}{place}": 1 for place in range(3)} for row in range(100)]
    errors = refusal(api.post(V1, rows), 400)
    assert (len(errors), errors[-1]["detail"]) == (101, "600 more errors are not listed.")
