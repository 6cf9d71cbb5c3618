"""Pages of an officer follow the schema of the product: form, case, what-if, letter, lists."""

import re

import pytest

from ml.schemas.toml import read_schema
from predictions.models import Prediction
from predictions.roles import Role
from predictions.services.cases import decisions
from predictions.services.products import products, schemas
from predictions.tests.helpers.pages import words
from predictions.tests.lender.conftest import HOME, TOML

BAD = {"boat_price": "88000", "bureau_score": "310"}


@pytest.fixture
def shown(officer):
    def page(address):
        return words(officer.get(f"{HOME}{address}").content.decode())

    return page


@pytest.fixture
def letter(officer, shown):
    """Deny a case and return the draft of its notice."""

    def text_of(case):
        decisions.decide(prediction=case, by=officer.user, verdict="denied", code="other", note="Two saw it")
        return shown(f"/predictions/{case.pk}/notice/")

    return text_of


def test_the_form_has_the_fields_of_the_schema_in_its_groups(officer, boat_entries):
    page = officer.get(f"{HOME}/score/").content.decode()
    assert re.findall(r"<legend>(.*?)</legend>", page) == ["Boat", "Applicant"]
    assert re.findall(r'<(?:input|select)[^>]* name="([a-z_]+)"[^>]* id="id_', page) == [
        *("loan_id", "boat_price", "mooring", "bureau_score", "account", "age_in_years"),
    ]
    assert 'type="hidden" name="loan_id"' in page


def test_a_number_is_entered_in_the_units_of_people_and_stored_in_those_of_the_table(score, shown):
    case = score(boat_price="45250.5")
    assert case.inputs["boat price"] == 45.2505
    assert "Price of the boat 45,250.5 EUR" in shown(f"/predictions/{case.pk}/")


def test_a_bound_in_a_message_is_in_the_units_of_people(officer, boat_entries):
    reply = officer.post(f"{HOME}/score/", boat_entries | {"boat_price": "500001"})
    assert reply.status_code == 422
    assert "500001 is too large; expected a number above 0 and up to 500,000 (EUR)." in words(
        reply.content.decode()
    )


def test_a_code_is_entered_as_a_number_and_shown_in_words(score, shown):
    assert "Codes: -9 for no bureau record." in shown("/score/")
    case = score(bureau_score="-9")
    assert case.inputs["bureau_score"] == -9
    assert "Bureau score no bureau record" in shown(f"/predictions/{case.pk}/")


def test_a_product_without_ids_makes_one_and_keeps_it_when_scored_again(officer, score):
    first = score()
    again = officer.get(f"{HOME}/score/?again={first.pk}").content.decode()
    assert f'name="loan_id" value="{first.loan_id}"' in again
    assert 'name="boat_price" value="45000"' in again
    assert score(loan_id=first.loan_id, mooring="No").loan_id == first.loan_id


def test_a_form_of_another_schema_is_shown_again_with_its_entries(officer, boat_entries, boat_schema):
    sent = boat_entries | {"form_schema": "of-before", "colour_of_hull": "red"}
    reply = officer.post(f"{HOME}/score/", sent)
    page = reply.content.decode()
    assert (reply.status_code, Prediction.objects.count()) == (409, 0)
    assert "The application form changed" in page
    assert "Colour of hull: red" in page
    assert 'name="boat_price" value="45000"' in page
    assert f'name="form_schema" value="{boat_schema.digest}"' in page


def test_a_retired_product_has_no_form(officer, boat_loan):
    products.retire_product(product=boat_loan, by=None, reason="Sold out")
    assert officer.get(f"{HOME}/score/").status_code == 410


def test_the_case_says_what_the_model_predicts_and_which_values_a_protected_column_has(score, shown):
    page = shown(f"/predictions/{score().pk}/")
    assert "What the model predicts: the loan is repaid within 12 months." in page
    assert "Age 44 years used only to compare groups" in page


def test_a_change_of_the_outcome_is_told_by_label_and_unit(score, shown):
    page = shown(f"/predictions/{score(**BAD | {'bureau_score': '560'}).pk}/")
    assert re.search(r"With a price of the boat of at most [\d,]+ EUR \(now 88,000 EUR\)", page)


def test_the_case_says_where_the_data_cannot_tell_it_from_the_threshold(score, shown):
    sentence = r"The training data cannot tell this case from the threshold: \d+% to \d+%\."
    assert not re.search(sentence, shown(f"/predictions/{score(**BAD).pk}/"))
    scores = [score(bureau_score=str(number)) for number in range(450, 650, 10)]
    closest = min(scores, key=lambda case: abs(case.approval_probability - 0.5))
    assert re.search(sentence, shown(f"/predictions/{closest.pk}/"))


def test_what_if_takes_the_units_of_the_form(officer, score, boat_entries):
    case = score()
    protected = {"age_in_years"}
    tried = {name: text for name, text in boat_entries.items() if name not in protected}
    page = officer.post(
        f"{HOME}/predictions/{case.pk}/what-if/", tried | BAD, headers={"HX-Request": "true"}
    ).content.decode()
    assert f"{100 * score(**BAD).approval_probability:.1f}%" in page


def test_a_letter_has_the_schemas_words_for_a_low_and_a_high_value(score, letter):
    text = letter(score(**BAD))
    assert "The bureau's score is low." in text
    assert "The boat is dear for this loan." in text
    assert "What it predicts: the loan is repaid within 12 months." in text


def test_a_code_has_no_words_for_a_low_value(score, letter):
    assert "score is low" not in letter(score(**BAD | {"bureau_score": "-9"}))


def test_missing_values_name_their_document(score, shown):
    page = shown(f"/predictions/{score(bureau_score='').pk}/")
    assert "Missing: Bureau score." in page


def test_the_export_has_the_columns_of_the_newest_schema(client_of, score, boat_loan):
    case = score()
    longer = TOML + '\n[[column]]\nname = "length"\nkind = "number"\nminimum = 1\nmaximum = 99\n'
    schemas.add_schema_version(product=boat_loan, schema=read_schema(longer), by=None, reason="Length")
    reply = client_of(Role.AUDITOR).get(f"{HOME}/history.csv")
    header, line = b"".join(reply.streaming_content).decode().splitlines()[:2]
    names = header.split(",")
    assert names[10:16] == ["boat price", "mooring", "bureau_score", "account", "age_in_years", "length"]
    assert line.split(",")[10:16] == ["45.0", "Yes", "512.0", "no checking account", "44.0", ""]
    assert (line.split(",")[0], 'filename="history-boat-loan.csv"' in reply["Content-Disposition"]) == (
        str(case.pk),
        True,
    )


def test_pages_name_the_product_and_lead_to_the_others(officer, score):
    page = officer.get(f"{HOME}/history/").content.decode()
    assert "<title>History · Boat loan · Loansite</title>" in page
    menu = re.search(r'<details class="product-menu">.*?</details>', page, re.S)[0]
    assert re.findall(r'href="(.*?)"', menu) == ["/", f"{HOME}/"]


def test_with_one_product_nobody_sees_the_word(client_of, active_version):
    page = client_of(Role.OFFICER).get("/history/").content.decode()
    assert "<title>History · Loansite</title>" in page
    assert "product" not in page


def test_the_admin_names_inputs_by_their_labels(client_of, score):
    case = score(mooring="")
    page = words(
        client_of(Role.ADMIN).get(f"/admin/predictions/prediction/{case.pk}/change/").content.decode()
    )
    assert "Price of the boat: 45,000 EUR" in page
    assert "Has a mooring: Unknown" in page


def test_the_admin_filters_cases_by_product(client_of, score, boat_loan):
    case, admin = score(), client_of(Role.ADMIN)
    assert case.loan_id in admin.get("/admin/predictions/prediction/?product=boat-loan").content.decode()
    page = admin.get("/admin/predictions/prediction/?product=loan-prediction").content.decode()
    assert case.loan_id not in page
