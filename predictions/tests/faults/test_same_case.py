"""Two people at one case at once: one of them decides it or confirms it, and the other one is told."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from predictions.tests.conftest import APPLICATION
from predictions.tests.faults.caller import V1, Caller

ROUNDS = 40
WHY = {"code": "compensating", "note": "The guarantor pays half of it."}
DENIED = {"verdict": "denied", "code": "hidden_risk", "note": "The employer has closed."}
WISHES = ({"verdict": "approved"} | WHY | {"after": 0}, DENIED | {"after": 0})
PEOPLE = ("reviewer", "admin")
LIMIT = "UPDATE predictions_policy SET limit_amount = 100"
DECIDED = """
    SELECT d.prediction_id, d.verdict, u.username FROM predictions_decision d
    JOIN auth_user u ON u.id = d.by_id ORDER BY d.prediction_id
"""
CONFIRMED = """
    SELECT p.id, u.username FROM predictions_proposal p JOIN predictions_decision d
    ON d.prediction_id = p.prediction_id AND d.confirmed_by_id = p.answered_by_id
    JOIN auth_user u ON u.id = p.answered_by_id WHERE p.answer = 'confirmed' ORDER BY p.id
"""


@pytest.fixture
def port(site):
    """Of a served site with two workers, which are two processes."""
    with site.web() as (_, number):
        yield number


@pytest.fixture
def people(site, port):
    """A caller of each person."""
    tokens = [site.manage("create_api_token", name).strip() for name in PEOPLE]
    with Caller(port, tokens[0]) as first, Caller(port, tokens[1]) as second:
        yield first, second


@pytest.fixture
def cases(site, port):
    """The ids of waiting applications."""
    rows = [APPLICATION | {"Loan_ID": f"A{row}", "Credit_History": None} for row in range(ROUNDS)]
    with Caller(port, site.manage("create_api_token", "officer").strip()) as officer:
        reply = officer.post(f"{V1}/predictions/", rows)
        yield [scored["id"] for scored in reply.document["predictions"]]


def at_once(people, calls):
    """Send a call of each person at one moment, and return the statuses of both."""
    together = threading.Barrier(2, timeout=30)

    def send(caller, call):
        together.wait()
        return caller.post(*call).status

    with ThreadPoolExecutor(2) as pool:
        return tuple(pool.map(send, people, calls))


def test_of_two_who_decide_after_what_both_saw_one_does(site, people, cases, say):
    statuses = [
        at_once(people, [(f"{V1}/applications/{case}/decisions/", wish) for wish in WISHES]) for case in cases
    ]
    assert [sorted(pair) for pair in statuses] == [[201, 409]] * ROUNDS
    winners = [pair.index(201) for pair in statuses]
    assert site.query(DECIDED) == [
        (case, WISHES[winner]["verdict"], PEOPLE[winner]) for case, winner in zip(cases, winners, strict=True)
    ]
    say(f"{ROUNDS} cases decided by two at once: one decision each, {sum(winners)} by the second one")


def test_of_two_who_confirm_one_proposal_one_does(site, port, people, cases, say):
    site.change(LIMIT)
    with Caller(port, site.manage("create_api_token", "officer").strip()) as officer:
        proposed = [officer.post(f"{V1}/applications/{case}/decisions/", WISHES[0]) for case in cases]
    assert {reply.status for reply in proposed} == {202}
    ids = [reply.document["id"] for reply in proposed]
    statuses = [at_once(people, [(f"{V1}/proposals/{pk}/confirm/", {})] * 2) for pk in ids]
    assert [sorted(pair) for pair in statuses] == [[200, 409]] * ROUNDS
    winners = [pair.index(200) for pair in statuses]
    assert site.query(CONFIRMED) == [(pk, PEOPLE[won]) for pk, won in zip(ids, winners, strict=True)]
    assert len(site.query(DECIDED)) == ROUNDS
    say(f"{ROUNDS} proposals confirmed by two at once: one decision each, {sum(winners)} by the second one")
