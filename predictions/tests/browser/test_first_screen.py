"""What a person needs to decide a case is on the first screen of an office's window."""

import pytest
from django.utils import timezone

from predictions.live import active_policy
from predictions.models import Policy, Prediction
from predictions.roles import Role
from predictions.tests.browser.test_officer import score

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
OFFICE = {"width": 1280, "height": 800}


@pytest.fixture
def referring(active_version):
    """A policy with a refer band that refers gaps and remarks: all that a page may have to say."""
    facts = {"refer_low": 0.05, "refer_high": 0.95, "refer_gaps": True, "remarks": "refer"}
    Policy.objects.create(threshold=0.5, **facts, reason="t", at=timezone.now())
    active_policy.forget()


def bottom(page, selector):
    """The lower edge of the last element, in pixels from the top of the window."""
    box = page.locator(selector).last.bounding_box()
    return box["y"] + box["height"]


@pytest.mark.parametrize("entries", [{}, {"coapplicant_income": "4.1"}], ids=["gap", "gap and remark"])
def test_facts_reasons_and_the_decision_fit_a_window_of_1280_x_800(signed_in, referring, entries):
    page = signed_in(Role.OFFICER, viewport=OFFICE)
    score(page, loan_id="GAP-1", loan_amount="128", loan_amount_term="360", credit_history="", **entries)
    page.goto(f"/applications/{Prediction.objects.get().pk}/")  # without the message of the scoring
    assert page.locator("#remarks").count() == len(entries)
    record = bottom(page, "button:text-is('Record decision')")
    for part in (".strip-gap", ".result", "#value_credit_history", ".reasons li"):
        assert bottom(page, part) < OFFICE["height"], part
    assert record < OFFICE["height"]
