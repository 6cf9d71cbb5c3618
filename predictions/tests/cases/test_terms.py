"""Another amount or term than the one asked for, and how much it could be."""

import pytest

from predictions.errors import InvalidFields
from predictions.models import Policy, Prediction
from predictions.roles import Role
from predictions.services.cases import decisions
from predictions.services.cases.proposals import decide_or_propose
from predictions.services.cases.what_if import largest_amount, try_values
from predictions.tests.helpers.api import ApiClient

V1 = "/api/v1/predictions/"
WHY = {"code": "new_document", "note": "A bank statement shows the debt as paid."}


@pytest.fixture
def officer(active_version, user_with):
    return ApiClient(user_with(Role.OFFICER))


@pytest.fixture
def denied(officer, application):
    """An application that the model denies for its amount."""
    row = application | {"ApplicantIncome": 2000, "LoanAmount": 400}
    return Prediction.objects.get(pk=officer.post(V1, row).json()["id"])


def approve(case, by, terms, **more):
    return decisions.decide(prediction=case, by=by, verdict="approved", terms=terms, **more)


def test_the_model_scores_the_terms_and_its_figure_is_stored(denied, officer):
    could_be = largest_amount(prediction=denied)
    made = approve(denied, officer.user, {"LoanAmount": could_be.value})
    assert (made.terms, made.override) == ({"LoanAmount": could_be.value}, False)
    assert (
        made.probability
        == could_be.probability
        == try_values(prediction=denied, values=made.terms).probability
    )


def test_terms_that_the_model_would_not_approve_are_an_override(denied, officer):
    with pytest.raises(InvalidFields) as refused:
        approve(denied, officer.user, {"LoanAmount": 399})
    assert set(refused.value.faults) == {"code", "note"}
    assert approve(denied, officer.user, {"LoanAmount": 399}, **WHY).override


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"LoanAmount": 400.0}, "These are the terms that were asked for"),
        ({"ApplicantIncome": 9000}, "they may hold LoanAmount and Loan_Amount_Term"),
        ({"LoanAmount": "many"}, "LoanAmount: 'many' is not a number"),
        ({"Loan_Amount_Term": 601}, "Loan_Amount_Term: 601 is too large"),
        ({"LoanAmount": None}, "LoanAmount: a number is expected, not None"),
        ([1], "is no other terms"),
    ],
)
def test_terms_are_checked_as_any_values(denied, officer, terms, words):
    with pytest.raises(InvalidFields, match=words) as refused:
        approve(denied, officer.user, terms, **WHY)
    assert list(refused.value.faults) == ["terms"]


def test_a_denial_has_no_terms(denied, officer):
    with pytest.raises(InvalidFields, match="A denial has no terms"):
        decisions.decide(prediction=denied, by=officer.user, verdict="denied", terms={"LoanAmount": 90})


def test_the_limit_is_about_the_amount_that_is_approved(denied, officer):
    Policy.objects.update(limit_amount=100.0)
    below = largest_amount(prediction=Prediction.objects.get()).value
    assert below <= 100
    made = decide_or_propose(
        prediction=denied, by=officer.user, verdict="approved", terms={"LoanAmount": below}
    )
    assert made.terms == {"LoanAmount": below}


def test_the_api_says_how_much_it_could_be(officer, application):
    row = application | {"ApplicantIncome": 2000, "LoanAmount": 400}
    could_be = officer.post(f"{V1}?could_be=true", row).json()["could_be"]
    found = largest_amount(prediction=Prediction.objects.get())
    assert could_be == {
        "column": "LoanAmount",
        "value": found.value,
        "approval_probability": found.probability,
        "method": "bisection",
    }
    assert "could_be" not in officer.post(V1, row).json()


def test_no_amount_is_null(officer, application):
    row = application | {"Credit_History": 0, "ApplicantIncome": 200}
    assert officer.post(f"{V1}?could_be=true", row).json()["could_be"] is None


def test_an_array_is_refused_before_anything_is_stored(officer, application):
    reply = officer.post(f"{V1}?could_be=true", [application])
    assert (reply.status_code, reply.json()["errors"][0]["attr"]) == (400, "could_be")
    assert not Prediction.objects.exists()


def test_a_decision_with_terms_by_api(officer, denied):
    value = largest_amount(prediction=denied).value
    wish = {"verdict": "approved", "terms": {"LoanAmount": value}}
    reply = officer.post(f"{V1}{denied.pk}/decisions/", wish)
    assert (reply.status_code, reply.json()["terms"]) == (201, {"LoanAmount": value})
    assert 0.5 <= reply.json()["probability"] <= 1
