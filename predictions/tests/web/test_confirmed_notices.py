"""A denial notice that a second person confirms before it is printed."""

import pytest
from django.db import IntegrityError, transaction

from predictions.models import AuditRecord, Notice, Policy, Prediction
from predictions.roles import Role
from predictions.services.cases import decisions
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.pages import words

pytestmark = pytest.mark.usefixtures("active_version")
NOT_YET = "officer saved this letter; another person must confirm it before it is printed."


@pytest.fixture
def officer(client_of):
    return client_of(Role.OFFICER)


@pytest.fixture
def zoe(client_of):
    return client_of(Role.REVIEWER, "zoe")


@pytest.fixture
def denied(officer, entries):
    """A denied application whose policy asks for a second person for letters."""
    Policy.objects.update(second_for_letters=True)
    officer.post("/score/", entries | {"credit_history": "0", "loan_amount": "400"})
    prediction = Prediction.objects.get()
    decisions.decide(prediction=prediction, by=officer.user, verdict="denied")
    return prediction


@pytest.fixture
def saved(officer, denied):
    """The text of the denied application's notice, which the officer saved."""
    save(officer, denied)
    return Notice.objects.get()


def save(client, case, text="Dear Ms Lee", **more):
    newest = Notice.objects.first()
    return client.post(address(case), {"text": text, "after": newest.pk if newest else 0} | more)


def confirm(client, notice):
    return client.post(f"{address(notice.prediction)}confirm/", {"after": notice.pk})


def address(case):
    return f"/predictions/{case.pk}/notice/"


def paper(client, case):
    return client.get(f"{address(case)}print/")


def test_a_letter_is_listed_until_a_second_person_confirms_it(officer, zoe, saved):
    listed = zoe.get("/proposals/")
    assert "LP001015 Denial notice, saved by officer" in words(listed)
    assert f'href="{address(saved.prediction)}"' in listed.content.decode()
    assert "To confirm 1" in words(zoe.get("/queue/"))
    confirm(zoe, saved)
    assert "Nothing to confirm." in words(zoe.get("/proposals/"))
    save(officer, saved.prediction, "Dear Ms Lee, another text")
    assert "saved by officer yours" in words(officer.get("/proposals/"))


@pytest.mark.parametrize("change", ["no second person", "approved since"])
def test_a_letter_that_needs_no_second_person_is_not_listed(zoe, saved, change):
    if change == "approved since":
        why = {"code": "new_document", "note": "A bank statement shows the debt as paid."}
        decisions.decide(prediction=saved.prediction, by=zoe.user, verdict="approved", **why)
    else:
        Policy.objects.update(second_for_letters=False)
    assert "Nothing to confirm." in words(zoe.get("/proposals/"))


def test_a_saved_text_is_not_printed_before_another_person_confirms_it(officer, zoe, denied, saved):
    refused = paper(officer, denied)
    assert (refused.status_code, NOT_YET in words(refused)) == (409, True)
    assert confirm(zoe, saved).headers["Location"] == address(denied)
    assert "Dear Ms Lee" in words(paper(officer, denied))


def test_saving_and_printing_at_once_is_refused_too(officer, denied):
    reply = save(officer, denied, print="1")
    assert officer.get(reply.headers["Location"]).status_code == 409


def test_the_page_says_who_must_confirm_and_offers_it_to_those_who_may(officer, zoe, denied, saved):
    said = "Saved by officer ; another person must confirm it before it is printed."
    page, other = (words(client.get(address(denied))) for client in (officer, zoe))
    assert said in page
    assert f"{said} The text to confirm Dear Ms Lee Confirm" in other
    assert "The text to confirm" not in page
    assert "Print the saved text" not in page
    assert "Save and print" not in page


def test_who_confirmed_it_stands_on_the_page_and_in_the_activity(officer, zoe, denied, saved):
    confirm(zoe, saved)
    page = words(officer.get(address(denied)))
    assert "Confirmed by zoe ," in page
    assert "; confirmed by zoe ," in page
    assert "Print the saved text" in page
    assert "zoe confirmed the letter" in words(officer.get(f"/applications/{denied.pk}/"))


def test_whoever_saved_it_does_not_confirm_it_admins_included(client_of, denied):
    admin = client_of(Role.ADMIN)
    save(admin, denied)
    notice = Notice.objects.get()
    reply = confirm(admin, notice)
    assert reply.status_code == 409
    assert "You saved this text. Another person must confirm it." in words(reply)
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.update(confirmed_by=notice.by)


def test_an_edit_must_be_confirmed_again(officer, zoe, denied, saved):
    confirm(zoe, saved)
    save(officer, denied, "Dear Mr Lee")
    assert paper(officer, denied).status_code == 409


def test_after_another_decision_it_must_be_confirmed_again(officer, zoe, denied, saved):
    confirm(zoe, saved)
    decisions.decide(prediction=denied, by=zoe.user, verdict="denied", note="Looked at again.")
    assert paper(officer, denied).status_code == 409
    confirm(zoe, saved)
    assert paper(officer, denied).status_code == 200


def test_saving_the_confirmed_text_again_keeps_the_confirmation(officer, zoe, denied, saved):
    confirm(zoe, saved)
    save(officer, denied)
    assert paper(officer, denied).status_code == 200


def test_only_the_text_that_was_read_is_confirmed(officer, zoe, denied, saved):
    save(officer, denied, "Dear Mr Lee")
    reply = confirm(zoe, saved)
    assert reply.status_code == 409
    assert "Another text was saved meanwhile (below). Read it before you confirm it." in words(reply)
    assert not Notice.objects.exclude(confirmed_by=None).exists()


def test_a_second_click_confirms_once_and_another_person_hears_who_did(zoe, client_of, saved):
    assert [confirm(zoe, saved).status_code for _ in range(2)] == [303, 303]
    reply = confirm(client_of(Role.ADMIN), saved)
    assert (reply.status_code, "zoe confirmed this text meanwhile." in words(reply)) == (409, True)
    record = AuditRecord.objects.get(action="notice confirmed")
    assert (record.by, record.detail) == (zoe.user, {"prediction": saved.prediction_id, "notice": saved.pk})


def test_a_text_is_not_confirmed_after_the_application_is_scored_again(
    officer, zoe, application, denied, saved
):
    ApiClient(officer.user).post("/api/v1/predictions/", application)
    reply = confirm(zoe, saved)
    assert reply.status_code == 409
    assert "this text can no longer be confirmed" in words(reply)


def test_where_nobody_else_could_confirm_the_page_says_so(officer, denied, saved, client_of):
    said = "No other account may confirm this."
    assert said in words(officer.get(address(denied)))
    client_of(Role.REVIEWER)
    assert said not in words(officer.get(address(denied)))


def test_without_that_policy_a_saved_text_is_printed(officer, denied, saved):
    Policy.objects.update(second_for_letters=False)
    assert "Save and print" in words(officer.get(address(denied)))
    assert paper(officer, denied).status_code == 200
