"""What the form says while an application is typed: how it is read, remarks, known and similar Loan IDs."""

import re

import pytest

from predictions.live import active_model
from predictions.models import AuditRecord, Prediction
from predictions.reading.look_alikes import folded
from predictions.roles import Role
from predictions.tests.helpers.pages import words

pytestmark = pytest.mark.usefixtures("active_version")
URL = "/score/check/"


@pytest.fixture
def officer(client_of):
    return client_of(Role.OFFICER)


@pytest.fixture
def said(officer):
    """Check some entries and return what is said, by field."""
    return lambda client=officer, **typed: said_of(client.post(URL, typed))


def said_of(reply):
    page = reply.content.decode()
    parts = re.findall(r'<div data-said="id_(\w+)_said">(.*?)</div>', page, re.DOTALL)
    return {name: words(part) for name, part in parts}


def test_a_plain_entry_needs_no_words_and_an_empty_one_is_passed_over(said):
    assert said(applicant_income="4100", loan_amount="", education="Graduate") == {
        "applicant_income": "",
        "education": "",
    }


@pytest.mark.parametrize(
    ("name", "typed", "read_as"),
    [
        ("applicant_income", "4,100", "4,100 per month"),
        ("applicant_income", "$ 4.1k", "4,100 per month"),
        ("applicant_income", "1\u2019234.\u2013", "1,234 per month"),
        ("applicant_income", "1.234,- €", "1,234 per month"),
        ("loan_amount_term", "30 years", "360 months"),
    ],
)
def test_an_entry_that_is_not_plain_is_shown_as_it_is_read(said, name, typed, read_as):
    assert said(**{name: typed}) == {name: f"Read as {read_as}."}


def test_an_entry_with_two_readings_is_asked_about(said):
    assert said(applicant_income="4.100")["applicant_income"].startswith("4.100 may mean 4,100 or 4.1")


def test_a_fault_is_the_one_of_the_score(said, officer, entries):
    fault = said(applicant_income="12O0")["applicant_income"]
    assert fault.startswith("'12O0' is not")
    assert fault in words(officer.post("/score/", entries | {"applicant_income": "12O0"}))


def test_an_unusual_value_has_the_remark_of_its_result(said):
    assert "is unusual: 5 to 1,000 thousands is expected" in said(loan_amount="128000")["loan_amount"]


def test_a_value_outside_the_training_table_has_its_remark(said):
    assert "lies outside the model's training table" in said(loan_amount="900")["loan_amount"]


def test_a_remark_needs_no_other_entries_and_no_model(said, active_version, officer):
    type(active_version).objects.filter(pk=active_version.pk).update(status="retired")
    active_model.reset()
    assert "is unusual" in said(loan_amount="128000")["loan_amount"]


def test_a_bad_loan_id_is_told(said):
    assert "is not a Loan_ID" in said(loan_id="a\x00b")["loan_id"]


def test_a_new_id_needs_no_words(said):
    assert said(loan_id="LP1") == {"loan_id": ""}


def test_an_own_application_is_shown_before_it_is_scored_again(said, officer, entries):
    officer.post("/score/", entries)
    newest = Prediction.objects.get()
    shown = said(loan_id=" LP001015 ")["loan_id"]
    assert shown.startswith("You have this application already : scoring updates it. Not decided,")
    assert f"{100 * newest.approval_probability:.1f}%" in shown
    assert f"/applications/{newest.pk}/" in officer.post(URL, {"loan_id": "LP001015"}).content.decode()


def test_another_officers_application_is_refused_in_the_words_of_the_score(said, client_of, entries):
    client_of(Role.OFFICER, "ann").post("/score/", entries)
    shown = said(loan_id="LP001015")["loan_id"]
    assert shown == "This Loan_ID belongs to another officer's application; a reviewer can open it."


def test_who_sees_all_is_led_to_the_application_of_another(said, client_of, entries):
    client_of(Role.OFFICER, "ann").post("/score/", entries)
    shown = said(client=client_of(Role.REVIEWER), loan_id="LP001015")["loan_id"]
    assert shown.startswith("It is ann's application: open it . Not decided,")


@pytest.mark.parametrize("typed", ["lp001015", "LP-001015", "LPOO1015", "LP 001O15", "LP00l015", "LP00I0I5"])
def test_an_id_that_looks_like_another_ones_is_pointed_out(said, officer, entries, typed):
    officer.post("/score/", entries)
    assert "Looks like LP001015 , another application. Not decided," in said(loan_id=typed)["loan_id"]


def test_an_id_that_only_shares_its_digits_is_another(said, officer, entries):
    officer.post("/score/", entries)
    assert said(loan_id="XP001015") == {"loan_id": ""}


def test_nobody_learns_of_similar_ids_of_others(said, client_of, entries):
    client_of(Role.OFFICER, "ann").post("/score/", entries)
    assert said(loan_id="lp001015") == {"loan_id": ""}


def test_nothing_is_stored(said, entries):
    records = AuditRecord.objects.count()
    said(**entries)
    assert (Prediction.objects.count(), AuditRecord.objects.count()) == (0, records)


def test_text_of_a_page_stays_text(officer):
    page = officer.post(URL, {"applicant_income": "<i>1</i>"}).content.decode()
    assert "<i>" not in page


def test_ids_that_differ_in_more_do_not_look_alike():
    assert len({folded(loan_id) for loan_id in ("A1", "A10", "B1", "A2")}) == 4
