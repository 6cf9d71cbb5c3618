"""The officer's form: what it takes, what it refuses, and how it says so."""

import re

import pytest

from ml.products.loan_prediction.schema import built_in
from predictions.models import Applicant, Prediction
from predictions.roles import Role
from predictions.tests.helpers.pages import newest_seen, score_meant, words

SCHEMA = built_in()

pytestmark = pytest.mark.usefixtures("active_version")


@pytest.fixture
def officer(client_of):
    return client_of(Role.OFFICER)


@pytest.fixture
def page_of(officer, entries):
    """Send the form with some entries changed and return the page."""

    def send(**changes):
        reply = officer.post("/score/", entries | changes)
        assert reply.status_code == 422
        return reply.content.decode()

    return send


def control(page, name):
    """Return the opening tag of a field."""
    return re.search(rf'<(?:input|select)[^>]*name="{name}"[^>]*>', page)[0]


def fault(page, name):
    """Return the text beside a field at fault."""
    return re.search(rf'id="id_{name}_error">.*?</svg>\s*(.*?)</p>', page, re.S)[1]


def test_a_good_form_leads_to_its_result(officer, entries):
    reply = officer.post("/score/", entries)
    assert reply.headers["Location"] == f"/applications/{Prediction.objects.get().pk}/"


def test_a_prediction_is_stored_as_the_officers_own_from_the_form(officer, entries):
    officer.post("/score/", entries)
    prediction = Prediction.objects.get()
    assert (prediction.owner, prediction.source) == (officer.user, Prediction.Source.FORM)


def test_scoring_an_id_again_updates_the_application_and_adds_a_prediction(officer, entries):
    officer.post("/score/", entries)
    score_meant(officer, entries | {"loan_amount": "90"})
    assert Applicant.objects.get().inputs["LoanAmount"] == 90
    assert [row.inputs["LoanAmount"] for row in Prediction.objects.all()] == [90, 110]


def test_an_application_of_ones_own_is_shown_before_it_is_scored_again(officer, entries):
    officer.post("/score/", entries | {"credit_history": ""})
    reply = officer.post("/score/", entries | {"loan_amount": "90"})
    assert (reply.status_code, Prediction.objects.count()) == (409, 1)
    assert "You have an application LP001015 already. Nothing was scored." in words(reply)
    assert re.search(r"State Waiting for a decision Your entries .*Loan amount: 110.* → 90", words(reply))
    assert list(Prediction.objects.waiting()) == list(Prediction.objects.all())


def test_an_application_that_changed_after_it_was_shown_is_shown_again(officer, entries):
    officer.post("/score/", entries)
    seen = newest_seen(officer.post("/score/", entries))
    score_meant(officer, entries)
    assert officer.post("/score/", entries | seen).status_code == 409
    assert Prediction.objects.count() == 2


def test_what_was_shown_of_one_application_confirms_no_other_one(officer, entries):
    officer.post("/score/", entries | {"loan_id": "A"})
    officer.post("/score/", entries)
    seen = newest_seen(officer.post("/score/", entries))
    assert officer.post("/score/", entries | seen | {"loan_id": "A"}).status_code == 409


def test_change_and_score_again_is_meant(officer, entries):
    officer.post("/score/", entries)
    page = officer.get(f"/score/?again={Prediction.objects.get().pk}")
    assert officer.post("/score/", entries | newest_seen(page)).status_code == 302


def test_an_id_that_differs_only_in_case_is_pointed_out(officer, entries):
    officer.post("/score/", entries)
    page = words(officer.post("/score/", entries | {"loan_id": "lp001015"}, follow=True))
    assert "LP001015 differs from lp001015 only in case, and is another application." in page


def test_a_loan_id_is_made_when_none_is_given(officer, entries):
    officer.post("/score/", entries | {"loan_id": ""})
    assert Applicant.objects.get().loan_id.startswith("LS-")


def test_fields_stand_in_groups_in_the_officers_order(officer):
    page = officer.get("/score/").content.decode()
    assert re.findall("<legend>(.*?)</legend>", page) == [
        "Applicant",
        "Income",
        "Loan",
        "Credit and property",
    ]


@pytest.mark.parametrize(
    "feature", [f for f in SCHEMA.features if f.optional and f.choices], ids=lambda f: f.name
)
def test_unknown_is_a_choice_and_the_first(officer, feature):
    page = officer.get("/score/").content.decode()
    select = page[page.index(f'name="{feature.name}"') :]
    assert re.search(r'<option value=""[^>]*>(.*?)</option>', select)[1] == "Unknown"


@pytest.mark.parametrize("name", ["loan_amount", "loan_amount_term"])
def test_an_empty_optional_number_reads_as_unknown(officer, name):
    assert 'placeholder="Unknown"' in control(officer.get("/score/").content.decode(), name)


def test_everything_optional_may_be_unknown(officer, entries):
    gaps = {feature.name: "" for feature in SCHEMA.features if feature.optional}
    assert officer.post("/score/", entries | gaps).status_code == 302


def test_units_stand_beside_their_fields(officer):
    page = officer.get("/score/").content.decode()
    units = re.findall('input-group-text">(.*?)<', page)
    assert units == ["per month", "per month", "thousands", "months"]


def test_help_is_tied_to_its_field(officer):
    page = officer.get("/score/").content.decode()
    assert 'aria-describedby="id_gender_helptext id_gender_said"' in control(page, "gender")
    assert 'id="id_gender_helptext">Kept for fairness figures only' in page


@pytest.mark.parametrize("name", ["education", "property_area", "applicant_income", "coapplicant_income"])
def test_a_missing_required_value_is_said_beside_its_field(page_of, name):
    assert fault(page_of(**{name: ""}), name).startswith("A value is required")


@pytest.mark.parametrize(
    "typed", ["12O0", "1_000", "\uff15\uff17", "\u0663", "5,72,0", "1e3", "Infinity", "0x10", "57 per day"]
)
def test_a_text_that_is_no_number_is_refused_and_kept_as_typed(page_of, typed):
    page = page_of(applicant_income=typed)
    assert "is not a number" in fault(page, "applicant_income")
    assert f'value="{typed}"' in control(page, "applicant_income")


@pytest.mark.parametrize(
    ("name", "typed"), [("applicant_income", "-5"), ("loan_amount", "0"), ("loan_amount_term", "601")]
)
def test_a_number_out_of_bounds_is_kept_and_explained(page_of, name, typed):
    page = page_of(**{name: typed})
    assert "expected a number" in fault(page, name)
    assert f'value="{typed}"' in control(page, name)


def test_a_value_that_is_no_choice_is_refused(page_of):
    assert "is not one of" in fault(page_of(gender="<i>x</i>"), "gender")


def test_other_values_are_kept(page_of):
    page = page_of(applicant_income="x")
    assert 'value="LP001015"' in control(page, "loan_id")
    assert '<option value="Urban" selected>' in page


def test_nothing_is_stored_when_one_value_is_bad(page_of):
    page_of(loan_amount="x")
    assert not Applicant.objects.exists()
    assert not Prediction.objects.exists()


def test_only_the_first_field_at_fault_takes_the_focus(page_of):
    page = page_of(applicant_income="x", education="", loan_amount="y")
    assert page.count("autofocus") == 1
    assert "autofocus" in control(page, "education")


def test_a_blank_form_takes_the_focus_in_its_first_field(officer):
    page = officer.get("/score/").content.decode()
    assert page.count("autofocus") == 1
    assert "autofocus" in control(page, "loan_id")


def test_clear_leads_to_the_empty_form(officer):
    assert 'href="/score/" data-kept-clear>Clear<' in officer.get("/score/").content.decode()


def test_a_field_at_fault_is_marked_and_tied_to_its_message(page_of):
    tag = control(page_of(loan_amount="x"), "loan_amount")
    assert 'aria-invalid="true"' in tag
    assert 'aria-describedby="id_loan_amount_helptext id_loan_amount_said"' in tag


def test_the_summary_links_to_every_field_at_fault_in_order(page_of):
    page = page_of(applicant_income="x", education="")
    summary = re.search('role="alert".*?</div>', page, re.S)[0]
    assert "2 values are invalid" in summary
    assert re.findall('href="#(.*?)"', summary) == ["id_education", "id_applicant_income"]


def test_a_title_tells_of_errors(page_of):
    assert "<title>Error: Score an application" in page_of(education="")


@pytest.mark.parametrize("loan_id", ["ab\u202ecd", "a\x00b", "x" * 65, "a\nb", "\u200b"])
def test_an_unprintable_or_long_loan_id_is_refused(page_of, loan_id):
    assert "is not a Loan_ID" in fault(page_of(loan_id=loan_id), "loan_id")


def test_an_error_of_a_spreadsheet_is_no_loan_id(page_of):
    assert "not an error of the spreadsheet" in fault(page_of(loan_id="#REF!"), "loan_id")


def test_an_empty_post_is_refused_field_by_field(officer):
    reply = officer.post("/score/")
    assert reply.status_code == 422
    assert "4 values are invalid" in reply.content.decode()


def test_an_own_prediction_can_be_changed_and_scored_again(officer, entries):
    officer.post("/score/", entries | {"credit_history": "", "loan_amount": "110.5"})
    page = officer.get(f"/score/?again={Prediction.objects.get().pk}").content.decode()
    assert 'value="LP001015"' in control(page, "loan_id")
    assert 'value="5720"' in control(page, "applicant_income")
    assert 'value="110.5"' in control(page, "loan_amount")
    assert '<option value="" selected>Unknown</option>' in page[page.index('name="credit_history"') :]


@pytest.mark.parametrize("again", ["0", "-1", "x", "9" * 30, "1.0", "", "%00"])
def test_a_bad_reference_to_an_earlier_prediction_is_404(officer, again):
    assert officer.get(f"/score/?again={again}").status_code == 404


def test_another_officers_prediction_cannot_fill_the_form(officer, client_of, entries):
    officer.post("/score/", entries)
    other = client_of(Role.OFFICER, "zoe")
    assert other.get(f"/score/?again={Prediction.objects.get().pk}").status_code == 404


@pytest.mark.parametrize(
    ("typed", "stored"), [("70,000", 70000), ("$ 4,100 per month", 4100), ("5849,5", 5849.5)]
)
def test_an_amount_is_stored_as_people_write_it(officer, entries, typed, stored):
    officer.post("/score/", entries | {"applicant_income": typed})
    assert Prediction.objects.get().inputs["ApplicantIncome"] == stored


def test_a_number_with_two_meanings_is_asked_back(page_of):
    said = fault(page_of(applicant_income="4.100"), "applicant_income")
    assert "may mean 4,100 or 4.1; write 4100 or 4.1." in said
