"""Applications by API: listed, read, and worked on as on the pages."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from predictions.models import Policy, Prediction
from predictions.roles import Role
from predictions.services.policies import policies
from predictions.tests.helpers.api import ApiClient
from predictions.words.times import site_date

URL = "/api/v1/applications/"
AGREE = {"verdict": "approved", "after": 0}


@pytest.fixture
def officer(active_version, user_with):
    return ApiClient(user_with(Role.OFFICER))


@pytest.fixture
def reviewer(user_with):
    return ApiClient(user_with(Role.REVIEWER, "zoe"))


@pytest.fixture
def other(user_with):
    return ApiClient(user_with(Role.OFFICER, "other"))


@pytest.fixture
def score(officer, application):
    def make(caller=officer, **changes):
        return caller.post("/api/v1/predictions/", application | changes).json()["id"]

    return make


@pytest.fixture
def waiting(score):
    """The address of an application that waits for a person."""
    return f"{URL}{score(Credit_History=None)}/"


def error_of(reply):
    return reply.json()["errors"][0]


def listed(client, query=""):
    return [row["id"] for row in client.get(f"{URL}{query}").json()["results"]]


def hold_until(days):
    return (site_date(timezone.now()) + timedelta(days=days)).isoformat()


def test_an_application_has_its_first_id_and_the_result_of_its_newest_prediction(officer, score):
    first, newest = score(), score(LoanAmount=90)
    facts = officer.get(f"{URL}{first}/").json()
    assert (facts["id"], facts["prediction"], facts["predictions"]) == (first, newest, [newest, first])
    assert (facts["amount"], facts["term"], facts["state"]) == (90, 360, "scored")
    assert facts["outcome"] == Prediction.objects.get(pk=newest).outcome
    (row,) = officer.get(URL).json()["results"]
    assert row == {name: facts[name] for name in row}


def test_the_id_of_a_later_prediction_is_404(officer, score):
    score()
    assert officer.get(f"{URL}{score()}/").status_code == 404


def test_a_rare_state_finds_the_application_that_was_scored_again_since(officer, score, waiting):
    officer.post(f"{waiting}holds/", {"asked": "The bank statement", "until": hold_until(7)})
    score(Credit_History=None), score(Loan_ID="B")
    found = [waiting == f"{URL}{pk}/" for pk in listed(officer, "?state=on_hold")]
    assert (found, listed(officer, "?state=withdrawn")) == ([True], [])


def test_applications_are_filtered_by_state_and_loan_id(officer, score):
    waiting, scored = score(Loan_ID="A", Credit_History=None), score(Loan_ID="B")
    assert listed(officer) == [scored, waiting]
    assert (listed(officer, "?state=waiting"), listed(officer, "?state=scored")) == ([waiting], [scored])
    assert listed(officer, "?Loan_ID=B&state=waiting") == []
    assert error_of(officer.get(f"{URL}?state=asleep"))["attr"] == "state"


def test_pages_of_applications_follow_each_other(officer, score):
    ids = [score(Loan_ID=str(number)) for number in range(3)]
    first = officer.get(f"{URL}?page_size=2").json()
    second = officer.get(first["next"]).json()
    assert [row["id"] for row in first["results"] + second["results"]] == ids[::-1]


def test_a_list_of_applications_takes_the_same_queries_however_long(
    officer, score, django_assert_max_num_queries
):
    for number in range(4):
        score(Loan_ID=str(number))
    officer.get(URL)
    with django_assert_max_num_queries(3):
        assert len(listed(officer)) == 4


def test_who_holds_an_application_sees_it_and_only_it(officer, score, waiting, reviewer, other):
    score(Loan_ID="B")
    assert (listed(other), other.get(waiting).status_code) == ([], 404)
    assert reviewer.post(f"{waiting}assign/", {"to": "other"}).json()["claim"]["by"] == "other"
    (pk,) = listed(other)
    assert other.get(waiting).json()["id"] == pk
    assert other.get(f"/api/v1/predictions/{pk}/").status_code == 200
    assert other.post(f"{waiting}decisions/", AGREE).status_code == 201
    assert (listed(other), other.get(waiting).status_code) == ([], 404)


def test_a_claim_is_made_once_and_released(officer, waiting, reviewer):
    assert officer.post(f"{waiting}claim/", {}).json()["claim"]["by"] == "officer"
    refused = reviewer.post(f"{waiting}claim/", {})
    assert (refused.status_code, error_of(refused)["code"]) == (409, "conflict")
    reply = officer.delete(f"{waiting}claim/")
    assert (reply.status_code, reply.content) == (204, b"")
    assert officer.get(waiting).json()["claim"] is None


def test_a_hold_says_what_was_asked_until_when_and_ends(officer, waiting):
    wish = {"asked": "The bank statement", "until": hold_until(7)}
    held = officer.post(f"{waiting}holds/", wish, key="k").json()
    assert (held["state"], held["holds"][0].items() >= wish.items()) == ("on_hold", True)
    ended = officer.post(f"{waiting}holds/end/", {}).json()
    assert (ended["state"], ended["holds"][0]["ended_by"]) == ("waiting", "officer")


@pytest.mark.parametrize(
    ("act", "wish", "attr"),
    [("holds", {"asked": "The bank statement"}, "until"), ("holds", {"until": "2999-01-01"}, "asked"),
     ("notes", {}, "text"), ("notes", {"text": 5}, "text"), ("withdraw", {}, "reason"),
     ("assign", {"to": "nobody"}, "to"), ("assign", {}, "to"), ("claim", {"prediction": "1"}, "prediction"),
     ("claim", {"prediction": True}, "prediction"), ("claim", {"prediction": 10**30}, "prediction"),
     ("claim", {"why": "x"}, "why"), ("decisions", {"verdict": "refer"}, "verdict"),
     ("decisions", AGREE | {"after": "0"}, "after")],
)  # fmt: skip
def test_what_is_wrong_with_a_wish_is_named_by_field(waiting, reviewer, act, wish, attr):
    reply = reviewer.post(f"{waiting}{act}/", wish)
    assert (reply.status_code, attr in [error["attr"] for error in reply.json()["errors"]]) == (400, True)


def test_a_note_is_for_colleagues(officer, waiting, reviewer):
    assert officer.post(f"{waiting}notes/", {"text": "Called the employer."}).status_code == 201
    (note,) = reviewer.get(f"{waiting}notes/").json()["results"]
    assert (note["text"], note["by"]) == ("Called the employer.", "officer")
    assert reviewer.get(waiting).json()["events"] == [note]


def test_a_program_that_only_scores_reads_no_words_of_colleagues(score, user_with, reviewer):
    program = ApiClient(user_with(Role.API_CLIENT))
    pk = score(program, Loan_ID="P", Credit_History=None)
    reviewer.post(f"{URL}{pk}/notes/", {"text": "Called the employer."})
    wish = {"verdict": "denied", "code": "hidden_risk", "note": "The employer has closed."}
    reviewer.post(f"{URL}{pk}/decisions/", wish)
    assert listed(program, "?state=decided") == [pk]
    facts = program.get(f"{URL}{pk}/").json()
    assert (facts["events"], facts["decisions"][0]["note"]) == (None, "")
    assert program.get(f"{URL}{pk}/decisions/").json()["results"][0]["note"] == ""
    assert program.get(f"/api/v1/predictions/{pk}/decisions/").json()["results"][0]["note"] == ""
    assert program.get(f"{URL}{pk}/notes/").status_code == 403


def test_a_withdrawn_application_waits_for_nobody(officer, waiting):
    reply = officer.post(f"{waiting}withdraw/", {"reason": "Found another lender"}).json()
    assert (reply["state"], reply["events"][0]["text"]) == ("withdrawn", "Found another lender")
    assert officer.post(f"{waiting}claim/", {}).status_code == 409


def test_an_application_that_was_scored_again_meanwhile_is_a_409_that_names_the_newest(
    officer, waiting, score
):
    seen = officer.get(waiting).json()["prediction"]
    newest = score(Credit_History=None, LoanAmount=90)
    for act, wish in {"claim": {}, "notes": {"text": "Called."}, "decisions": AGREE}.items():
        refused = officer.post(f"{waiting}{act}/", wish | {"prediction": seen})
        assert (refused.status_code, error_of(refused)["code"]) == (409, "outdated")
        assert error_of(refused)["id"] == newest
    assert officer.post(f"{waiting}claim/", {"prediction": newest}).status_code == 200


def test_a_decision_after_another_one_than_the_caller_saw_is_a_409(officer, waiting):
    made = officer.post(f"{waiting}decisions/", AGREE).json()
    again = {"verdict": "denied", "code": "hidden_risk", "note": "The employer has closed."}
    refused = officer.post(f"{waiting}decisions/", again | {"after": 0})
    assert (refused.status_code, error_of(refused)["code"]) == (409, "conflict")
    assert officer.post(f"{waiting}decisions/", again | {"after": made["id"]}).status_code == 201
    assert [row["verdict"] for row in officer.get(waiting).json()["decisions"]] == ["denied", "approved"]


def test_a_decision_above_the_limit_is_proposed_and_confirmed_by_another_account(officer, waiting, reviewer):
    limited = Policy(threshold=0.5, limit_amount=100)
    policies.adopt_policy(policy=limited, replaces=Policy.objects.newest().pk, by=None, reason="A limit")
    proposed = officer.post(f"{waiting}decisions/", AGREE)
    assert (proposed.status_code, proposed.json()["limits"]) == (202, ["limit_amount"])
    facts = officer.get(waiting).json()
    assert (facts["state"], facts["proposal"]) == ("proposed", proposed.json()["id"])
    confirm = f"/api/v1/proposals/{facts['proposal']}/confirm/"
    assert officer.post(confirm, {}).status_code == 403
    assert reviewer.post(confirm, {}).json()["answer"] == "confirmed"
    facts = officer.get(waiting).json()
    assert (facts["state"], facts["decisions"][0]["confirmed_by"]) == ("decided", "zoe")


def test_another_product_has_applications_of_its_own(officer, score):
    pk = score()
    below = "/api/v1/products/loan-prediction/applications/"
    assert officer.get(f"{below}{pk}/").json()["id"] == pk
    assert Client().get(below).status_code == 401
