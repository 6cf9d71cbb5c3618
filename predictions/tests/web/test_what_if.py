"""What-if: other values for a case, nothing stored."""

import re

import pytest

from ml.products.loan_prediction.schema import built_in
from predictions.models import Policy, Prediction
from predictions.roles import Role
from predictions.services.policies import policies
from predictions.tests.helpers.pages import score_meant, words

SCHEMA = built_in()

MINUS = "\N{MINUS SIGN}"
LIVE = {"HX-Request": "true"}


@pytest.fixture
def officer(client_of, active_version):
    return client_of(Role.OFFICER)


@pytest.fixture
def case(officer, entries):
    officer.post("/score/", entries)
    return Prediction.objects.get()


@pytest.fixture
def values(entries):
    """What the form of the case sends."""
    protected = {feature.name for feature in SCHEMA.features if feature.protected}
    return {name: value for name, value in entries.items() if name not in protected | {"loan_id"}}


@pytest.fixture
def attempt(officer, case, values):
    """Try the case with some values changed."""

    def send(headers=None, **changes):
        return officer.post(f"/predictions/{case.pk}/what-if/", values | changes, headers=headers)

    return send


def text(reply):
    return words(reply.content.decode())


def test_the_form_holds_the_values_of_the_case_and_no_protected_one(officer, case, values):
    page = officer.get(f"/predictions/{case.pk}/").content.decode()
    form = page.split('id="what-if"')[1].split("</form>")[0]
    assert set(re.findall(r'name="(\w+)"', form)) == {*values, "csrfmiddlewaretoken"}
    assert 'name="loan_amount" value="110"' in form


def test_the_tried_values_give_what_scoring_them_would_give(attempt, officer, entries):
    tried = text(attempt(credit_history="0", loan_amount="200"))
    score_meant(officer, entries | {"credit_history": "0", "loan_amount": "200"})
    scored = Prediction.objects.first()
    assert f"Model: deny {100 * scored.approval_probability:.1f}%" in tried.replace("  ", " ")
    assert all(reason["text"] in tried for reason in scored.reasons)


def test_trying_stores_nothing(attempt):
    attempt(credit_history="0")
    attempt(LIVE, credit_history="0")
    assert Prediction.objects.count() == 1


def test_old_new_and_difference_stand_beside_each_other(attempt, case):
    page = text(attempt(LIVE, credit_history="0"))
    weight = next(r["contribution"] for r in case.reasons if r["column"] == "Credit_History")
    assert re.search(
        rf"not meet the guidelines this case: .*? \+{weight:.2f} {MINUS}\d\.\d\d ▼ {MINUS}\d", page
    )
    assert f"this case {100 * case.approval_probability:.1f}%, model: approve" in page


def test_it_is_held_to_the_policy_of_the_case(attempt):
    newest = Policy.objects.newest()
    policies.adopt_policy(policy=Policy(threshold=0.99), replaces=newest.pk, by=None, reason="Strict")
    assert "Model: approve" in text(attempt(LIVE, loan_amount="111"))


def test_a_gap_in_the_tried_values_refers_as_the_policy_says(attempt):
    assert "Model: a person decides" in text(attempt(LIVE, credit_history=""))


def test_a_live_answer_is_announced_and_is_no_page(attempt):
    reply = attempt(LIVE, credit_history="0").content.decode()
    assert re.search(r'id="what_if_said" hx-swap-oob="innerHTML">Probability [\d.]+%, model: deny.<', reply)
    assert "<html" not in reply


def test_a_value_that_cannot_be_used_is_refused_by_its_field_on_the_page(attempt):
    reply = attempt(loan_amount="12x")
    assert reply.status_code == 422
    page = reply.content.decode()
    assert re.search(r'id="what_if_loan_amount_error">.*?&#x27;12x&#x27; is not a number', page, re.S)
    assert 'value="12x"' in page


def test_while_typing_a_bad_value_is_told_by_its_field_and_the_result_stays(attempt):
    reply = attempt(LIVE, loan_amount="12x")
    assert (reply.status_code, reply.headers["HX-Reswap"]) == (200, "none")
    assert "is not a number" in text(reply)
    assert "what_if_reasons" not in reply.content.decode()


def test_protected_values_cannot_be_changed(attempt):
    assert text(attempt(LIVE)) == text(attempt(LIVE, gender="Female", married="No"))


def test_the_live_answer_asks_few_queries(attempt, django_assert_max_num_queries):
    attempt(LIVE)
    with django_assert_max_num_queries(5):
        attempt(LIVE, loan_amount="200")


def test_a_live_what_if_of_an_ended_session_opens_the_sign_in_page(attempt, officer, case):
    officer.logout()
    reply = attempt(headers=LIVE)
    assert (reply.status_code, reply.content) == (401, b"")
    assert reply.headers["HX-Redirect"] == f"/login/?next=/predictions/{case.pk}/"


def test_a_live_what_if_with_a_wrong_value_says_that_the_answer_is_not_its(attempt):
    reply = attempt(headers=LIVE, loan_amount="x")
    stale = reply.content.decode().split('id="what_if_stale"')[1].split("</p>")[0]
    assert "Correct the marked field. The result below is of the previous values." in stale
    assert 'id="what_if_stale" hx-swap-oob="innerHTML"></p>' in attempt(headers=LIVE).content.decode()
