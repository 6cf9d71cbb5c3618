"""The catalogue of decision codes: what an admin keeps, and what decisions may have."""

import pytest

from predictions.errors import InvalidFields
from predictions.models import AuditRecord, DecisionCode, Prediction
from predictions.roles import Role
from predictions.services.cases import codes, decisions
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.pages import words

ADMIN = "/admin/predictions/decisioncode/"
NEW = {
    "name": "cash_flow",
    "label": "Cash flow",
    "for_denials": "on",
    "applicant_text": "Your account is low.",
}
NOTE = "A bank statement shows the debt as paid."


@pytest.fixture
def admin(client_of):
    return client_of(Role.ADMIN)


@pytest.fixture
def officer(active_version, user_with):
    return ApiClient(user_with(Role.OFFICER))


@pytest.fixture
def approved(officer, application):
    return Prediction.objects.get(pk=officer.post("/api/v1/predictions/", application).json()["id"])


@pytest.fixture
def denied(officer, application):
    row = application | {"Credit_History": 0, "LoanAmount": 400}
    return Prediction.objects.get(pk=officer.post("/api/v1/predictions/", row).json()["id"])


def deny(prediction, by, **more):
    return decisions.decide(prediction=prediction, by=by, verdict="denied", **more)


def retire(name):
    codes.retire_code(code=DecisionCode.objects.get(name=name), by=None)


def faults_of(refused):
    return {name: fault.code for name, fault in refused.value.faults.items()}


def test_an_admin_adds_a_code_which_is_on_record(admin):
    assert admin.post(f"{ADMIN}add/", NEW).status_code == 302
    code = DecisionCode.objects.get(name="cash_flow")
    assert (code.for_overrides, code.for_denials) == (False, True)
    record = AuditRecord.objects.get(action="decision code")
    assert (record.by, record.detail["code"], record.detail["label"]) == (
        admin.user,
        "cash_flow",
        "Cash flow",
    )


def test_the_name_of_a_code_never_changes(admin):
    code = DecisionCode.objects.get(name="other")
    admin.post(f"{ADMIN}{code.pk}/change/", NEW)
    code.refresh_from_db()
    assert (code.name, code.label) == ("other", "Cash flow")


def test_a_retired_code_is_refused_and_decisions_that_have_it_show_its_label(approved, officer, admin):
    decided = deny(approved, officer.user, code="hidden_risk", note=NOTE)
    chosen = DecisionCode.objects.get(name="hidden_risk").pk
    admin.post(ADMIN, {"action": "retire", "_selected_action": [chosen]})
    with pytest.raises(InvalidFields, match="'hidden_risk' is not one of new_document,"):
        deny(approved, officer.user, code="hidden_risk", note="Another note of mine.")
    assert decided.code_label == "Risks the model does not see"
    assert AuditRecord.objects.get(action="decision code retired").detail == {"code": "hidden_risk"}


def test_a_code_is_offered_again(approved, officer, admin):
    retire("hidden_risk")
    admin.post(
        ADMIN, {"action": "offer", "_selected_action": [DecisionCode.objects.get(name="hidden_risk").pk]}
    )
    assert deny(approved, officer.user, code="hidden_risk", note=NOTE).code == "hidden_risk"


def test_an_override_takes_only_a_code_for_overrides(approved, officer, admin):
    admin.post(f"{ADMIN}add/", NEW)
    with pytest.raises(InvalidFields) as refused:
        deny(approved, officer.user, code="cash_flow", note=NOTE)
    assert faults_of(refused) == {"code": "invalid_choice"}


def test_a_denial_that_follows_the_advice_may_have_a_code_for_denials(denied, officer, admin):
    admin.post(f"{ADMIN}add/", NEW)
    assert deny(denied, officer.user, code="cash_flow").code == "cash_flow"


def test_a_code_that_needs_a_note_needs_one_also_where_the_advice_is_followed(denied, officer):
    with pytest.raises(InvalidFields, match="A decision with this code needs a note") as refused:
        deny(denied, officer.user, code="other")
    assert faults_of(refused) == {"note": "required"}


@pytest.mark.parametrize("note", ["because", "because because Because", "..... ..... ....."])
def test_a_note_that_says_nothing_is_refused_with_what_is_expected(approved, officer, note):
    wish = {"verdict": "denied", "code": "other", "note": note}
    [error] = officer.post(f"/api/v1/predictions/{approved.pk}/decisions/", wish).json()["errors"]
    assert (error["attr"], error["code"]) == ("note", "says_nothing")
    expected = "Expected: at least 2 different words and 10 characters"
    assert f"{note!r} does not say why. {expected}" in error["detail"]


def test_the_form_offers_codes_that_are_not_retired_and_words_for_the_applicant(denied, client_of, admin):
    admin.post(f"{ADMIN}add/", NEW)
    retire("hidden_risk")
    page = words(client_of(Role.REVIEWER).get(f"/predictions/{denied.pk}/"))
    assert "Risks the model does not see" not in page
    assert "Prepared words for a denial Cash flow Your account is low." in page


def test_the_api_lists_all_codes(officer):
    retire("other")
    listed = officer.get("/api/v1/decision-codes/").json()["results"]
    assert [code["name"] for code in listed if code["retired"]] == ["other"]
    assert listed[0] == {
        "name": "new_document", "label": "New document", "for_overrides": True, "for_denials": True,
        "needs_note": False, "applicant_text": "", "retired": False,
    }  # fmt: skip
