"""The page of one prediction."""

import re
from html import escape

import pytest

from predictions.models import Explanation, ModelVersion, Prediction
from predictions.roles import Role
from predictions.tests.helpers.pages import words

pytestmark = pytest.mark.usefixtures("active_version")


@pytest.fixture
def officer(client_of):
    return client_of(Role.OFFICER)


@pytest.fixture
def result_of(officer, entries):
    """Score the application with some entries changed and return prediction and page."""

    def score(**changes):
        page = officer.post("/score/", entries | changes, follow=True).content.decode()
        return Prediction.objects.first(), page

    return score


def reread(officer, prediction, **facts):
    """Return the page after the row was stored with other facts."""
    Prediction.objects.filter(pk=prediction.pk).update(**facts)
    return officer.get(f"/predictions/{prediction.pk}/").content.decode()


def test_it_says_approved_with_probability_and_threshold(result_of):
    prediction, page = result_of()
    percent = f"{100 * prediction.approval_probability:.1f}"
    assert f"Model: approve Approval probability {percent}% , at or above the threshold of 50%." in words(
        page
    )


def test_it_says_denied(result_of):
    assert "below the threshold of 50%" in words(result_of(credit_history="0")[1])


def test_the_scale_is_told_in_words_too(result_of):
    _, page = result_of()
    label = re.search(r'role="img"\s+aria-label="(.*?)"', page)[1]
    assert label.endswith("threshold 50%, model: approve.")


def test_the_scale_shows_probability_and_threshold_in_proportion(result_of):
    prediction, page = result_of()
    at = f"{100 * prediction.approval_probability:.2f}%"
    assert re.search(rf'scale-pin" x1="{at}" x2="{at}"', page)
    assert 'scale-threshold" x1="50.00%" x2="50.00%"' in page


def test_lengths_stay_numbers_in_a_language_with_decimal_commas(result_of, settings):
    settings.LANGUAGE_CODE = "de"
    assert not re.search(r'(x|x1|x2|width)="[0-9]+,', result_of()[1])


def test_a_probability_just_below_the_threshold_does_not_read_as_the_threshold(officer, result_of):
    prediction, _ = result_of()
    page = reread(officer, prediction, approval_probability=0.49996, outcome="denied")
    assert "Approval probability 49.996% , below the threshold of 50%." in words(page)


def test_every_reason_is_shown_with_its_recorded_text_and_signed_weight(result_of):
    prediction, page = result_of(credit_history="0")
    for reason in prediction.reasons:
        weight = f"{reason['contribution']:+.2f}".replace("-", "\N{MINUS SIGN}")
        assert f"{reason['text']} {weight}" in words(page)


def test_reasons_against_come_first_and_weightiest_first(result_of):
    _, page = result_of(credit_history="0")
    against, favourable = page.split("Against approval")[1].split("For approval")
    assert "Credit history: does not meet the guidelines" in against.split("</li>")[0]
    assert "\N{MINUS SIGN}" not in re.search('<ul class="reasons">.*?</ul>', favourable, re.S)[0]


def test_base_and_log_odds_are_shown(result_of):
    prediction, page = result_of()
    assert f"Base {prediction.base:+.2f} plus all weights gives log-odds" in words(page)
    assert f"{prediction.log_odds:+.2f}" in page


def test_a_model_without_reasons_says_so_and_how_to_get_them(officer, result_of):
    prediction, _ = result_of()
    without = Explanation.objects.create(log_odds=-1.0, base=None, reasons=[], missing=[])
    page = words(reread(officer, prediction, explanation=without))
    assert "Reasons are not available for this model. An operator can turn reasons on" in page
    assert "run make install-explain and restart the site" in page


def test_missing_values_are_named_and_their_scoring_explained(result_of):
    _, page = result_of(loan_amount="", credit_history="")
    assert "Missing: Credit history, Loan amount." in words(page)
    assert "scores a missing value from past applications with the same value missing" in words(page)


def test_a_gap_that_the_model_does_not_read_is_not_called_missing(result_of):
    _, page = result_of(gender="", dependents="")
    assert "Missing:" not in page
    assert "Gender Unknown used only to compare groups" in words(page)


def test_warnings_are_shown_with_their_field(result_of):
    _, page = result_of(loan_amount="128000")
    assert "Loan amount: 128,000 is unusual" in words(page)


def test_values_are_shown_as_entered_with_units(result_of):
    page = words(result_of(applicant_income="12345.5")[1])
    assert "Applicant's income 12,345.5 per month" in page.replace("&#x27;", "'")
    assert "Education Graduate not used by this model" in page


def test_the_model_version_is_named_as_trained_on_synthetic_sample_data(result_of, active_version):
    page = words(result_of()[1])
    assert f"Model Version {active_version.pk} trained on synthetic sample data" in page


def test_a_version_of_real_data_is_not_called_synthetic(result_of):
    ModelVersion.objects.update(synthetic=False)
    assert "synthetic sample data" not in result_of()[1]


def test_protected_inputs_of_the_model_are_named(result_of):
    ModelVersion.objects.update(protected_columns=["Gender", "Married"])
    assert "This model uses protected columns: Gender, Married." in words(result_of()[1])


def test_who_when_source_and_request_are_recorded(officer, entries):
    reply = officer.post("/score/", entries, headers={"X-Request-ID": "desk-7"})
    page = words(officer.get(reply.headers["Location"]).content.decode())
    assert "Scored by officer" in page
    assert "Source Form Request ID desk-7" in page
    assert re.search(r"Scored \d+ \w+ \d{4}, \d\d:\d\d UTC", page)


def test_it_says_that_a_person_decides(result_of):
    assert "This is the model's advice; a person decides." in result_of()[1]


@pytest.mark.slow
@pytest.mark.parametrize("loan_id", ["<script>alert(1)</script>", "{{ 7*7 }}", "' OR 1=1", '"><img src=x>'])
def test_text_is_escaped_on_every_page(officer, result_of, loan_id):
    _, page = result_of(loan_id=loan_id)
    for shown in (page, *(officer.get(path).content.decode() for path in ("/", "/history/"))):
        assert f"<bdi>{escape(loan_id)}</bdi>" in shown
        assert "<script>" not in shown
        assert "<img" not in shown


def test_its_owner_is_offered_to_change_it_and_score_again(officer, result_of):
    prediction, page = result_of()
    assert f'href="/score/?again={prediction.pk}"' in page
