"""The way of an application from a gap to a letter: three people, one case, in a real browser."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from predictions.live import active_policy
from predictions.models import Decision, Policy, Prediction
from predictions.roles import Role
from predictions.tests.browser.hands import Keyboard, Mouse
from predictions.tests.browser.test_officer import score

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
LIMIT = 100  # thousands
WAITING = "text=This case waits for a person"


@pytest.fixture
def limited(active_version):
    """A policy with a limit of the amount."""
    Policy.objects.create(threshold=0.5, limit_amount=LIMIT, reason="t", at=timezone.now())
    active_policy.forget()


@pytest.fixture(params=[Mouse, Keyboard], ids=["by mouse", "by keyboard"])
def hand(request):
    return request.param


def test_from_a_gap_to_a_letter(signed_in, limited, hand):
    officer, reviewer, admin = (signed_in(role) for role in (Role.OFFICER, Role.REVIEWER, Role.ADMIN))
    score(officer, loan_id="WALK-1", loan_amount="700", credit_history="")
    expect(officer.locator(WAITING)).to_be_visible()
    number = Prediction.objects.get().pk
    assign(reviewer, hand(reviewer))
    reviewer.goto(f"/applications/{number}/")
    fill_the_gap(reviewer, hand(reviewer))
    offer_less(reviewer, hand(reviewer))
    confirm(admin, hand(admin), number)
    decided = Decision.objects.get()
    assert (decided.by.username, decided.confirmed_by.username) == ("reviewer", "admin")
    write_the_letter(admin, hand(admin), number)
    for found_by in ("loan_id=WALK-1", "amount_min=700&amount_max=700"):
        admin.goto(f"/history/?{found_by}")
        expect(admin.get_by_role("link", name="WALK-1").first).to_be_visible()
    assert [page.complaints for page in (officer, reviewer, admin)] == [[], [], []]


def assign(page, hand):
    """Claim the oldest case of the queue."""
    page.goto("/queue/")
    hand.press("button:has-text('Work through')")
    expect(page.locator("text=Assigned to you")).to_be_visible()


def fill_the_gap(page, hand):
    hand.choose("#value_credit_history", "Meets the guidelines")
    if not page.locator("#value_loan_amount_term").is_visible():
        hand.press("summary:has-text('Correct other values')")
    hand.fill("#value_loan_amount_term", "60")
    hand.press("button:has-text('Add and assess again')")
    expect(page.locator("text=Credit history: unknown → Meets the guidelines").first).to_be_visible()
    expect(page.locator(WAITING)).to_be_visible()


def offer_less(page, hand):
    """Propose less than was asked for, and more than the limit, up to which the model would approve."""
    expect(page.get_by_text(re.compile(r"^Up to 100 thousand the model would approve"))).to_be_visible()
    hand.check("#id_other_terms")
    hand.fill("#id_amount", "200")
    hand.choose("#id_code", "Strengths the model does not see")
    hand.fill("#id_note", "The guarantor pays half of it.")
    hand.press("button:has-text('Record decision')")
    expect(page.locator("text=Another person must confirm it")).to_be_visible()


def confirm(page, hand, number):
    page.goto("/proposals/")
    hand.press("main a:has-text('WALK-1')")
    hand.press("button:text-is('Confirm')")
    expect(page.get_by_role("status").first).to_be_visible()
    page.goto(f"/applications/{number}/")
    expect(page.locator("text=confirmed by").first).to_be_visible()


def write_the_letter(page, hand, number):
    hand.press("a:has-text('Offer of other terms')")
    hand.press("button:has-text('print')")
    page.wait_for_url("**/notice/print/")
    expect(page.locator("body")).to_contain_text("We can approve it with other terms")
