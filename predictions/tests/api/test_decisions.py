"""Decisions over the API: the same rules as on the page."""

import pytest

from predictions.models import Decision, Prediction
from predictions.roles import Role
from predictions.services.queue import claims
from predictions.tests.helpers.api import ApiClient

AGAINST = {"verdict": "denied", "code": "hidden_risk", "note": "The employer has closed."}
WORDS = {"applicant_text": "You withdrew one of two properties."}


@pytest.fixture
def officer(active_version, user_with):
    return ApiClient(user_with(Role.OFFICER))


@pytest.fixture
def decide(officer, application):
    """Decide on one application that the model approves."""
    pk = officer.post("/api/v1/predictions/", application).json()["id"]

    def post(wish, caller=officer):
        return caller.post(f"/api/v1/predictions/{pk}/decisions/", wish)

    post.address = f"/api/v1/predictions/{pk}/decisions/"
    return post


def error_of(reply):
    return reply.json()["errors"][0]


def test_a_decision_comes_back_as_recorded(decide):
    reply = decide(AGAINST | WORDS)
    assert reply.status_code == 201
    assert reply.json().items() >= (AGAINST | WORDS | {"override": True, "by": "officer"}).items()


def test_agreeing_needs_a_verdict_only(decide):
    assert decide({"verdict": "approved"}).json()["override"] is False


def test_decisions_are_listed_newest_first(decide, officer):
    made = [decide(AGAINST).json(), decide({"verdict": "approved"}).json()]
    assert officer.get(decide.address).json()["results"] == made[::-1]


@pytest.mark.parametrize(
    ("wish", "attr", "code"),
    [({}, "verdict", "required"), ({"verdict": "refer"}, "verdict", "invalid_choice"),
     ({"verdict": ["denied"]}, "verdict", "invalid_choice"),
     (AGAINST | {"code": ""}, "code", "required"), (AGAINST | {"code": "mood"}, "code", "invalid_choice"),
     (AGAINST | {"note": " "}, "note", "required"), (AGAINST | {"note": 5}, "note", "invalid"),
     (AGAINST | {"note": "x" * 2001}, "note", "max_length"),
     (AGAINST | {"applicant_text": "x" * 2001}, "applicant_text", "max_length"),
     (AGAINST | {"applicant_text": None}, "applicant_text", "invalid"),
     (AGAINST | {"by": "zoe"}, "by", "unknown_field")],
)  # fmt: skip
def test_what_cannot_be_recorded_is_named_by_field(decide, wish, attr, code):
    reply = decide(wish)
    assert reply.status_code == 400
    assert (error_of(reply)["attr"], error_of(reply)["code"]) == (attr, code)
    assert not Decision.objects.exists()


def test_a_case_that_somebody_else_holds_is_a_409(officer, application, user_with):
    pk = officer.post("/api/v1/predictions/", application | {"Credit_History": None}).json()["id"]
    claims.claim_case(prediction=Prediction.objects.get(pk=pk), by=user_with(Role.REVIEWER, "zoe"))
    reply = officer.post(f"/api/v1/predictions/{pk}/decisions/", AGAINST)
    assert (reply.status_code, error_of(reply)["code"]) == (409, "conflict")
    assert "This case is assigned to zoe." in error_of(reply)["detail"]


def test_a_decision_that_is_sent_again_is_the_one_on_record(decide):
    first, second = decide(AGAINST), decide(AGAINST)
    assert (second.status_code, second.json()) == (201, first.json())
    assert Decision.objects.count() == 1


def test_an_outdated_prediction_is_a_409_that_names_the_newest(decide, officer, application):
    newest = officer.post("/api/v1/predictions/", application).json()["id"]
    for wish in (AGAINST, {"verdict": "refer"}):
        reply = decide(wish)
        assert (reply.status_code, error_of(reply)["code"], error_of(reply)["id"]) == (
            409,
            "outdated",
            newest,
        )
        assert f"Use prediction {newest}." in error_of(reply)["detail"]
    assert not Decision.objects.exists()
    assert officer.post(f"/api/v1/predictions/{newest}/decisions/", AGAINST).status_code == 201


@pytest.mark.parametrize(("role", "status"), [(Role.OFFICER, 404), (Role.REVIEWER, 201), (Role.ADMIN, 201)])
def test_a_decision_on_somebody_elses_case(decide, user_with, role, status):
    assert decide(AGAINST, ApiClient(user_with(role, "other"))).status_code == status
