"""Nobody is kept out of the work on cases: pages of applications in each state, of proposals and of rules.

What axe, the console and the widths find is looked for as in `test_access`.
"""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from ml.applications.records import read_json_row
from ml.products.loan_prediction.schema import built_in
from ml.scorecard.policy_rules import rules_to_json
from ml.scorecard.rule_reader import rules_from_facts
from predictions.live import active_policy
from predictions.models import Policy, Prediction, Proposal, Referral
from predictions.reading.applications import with_state
from predictions.roles import Role
from predictions.services.cases import holds, merging, withdrawals
from predictions.services.cases.proposals import decide_or_propose
from predictions.services.policies.proposals import adopt_or_propose
from predictions.services.scoring import scoring
from predictions.tests.browser.access import STILL, at_fault, complaints_of, too_wide
from predictions.words.times import site_date

SCHEMA = built_in()
RULES = [
    {
        "code": "rural",
        "when": "Property_Area == 'Rural' and LoanAmount > 100",
        "action": "refer",
        "officer": "A rural property needs a second look.",
    },
    {
        "code": "poor",
        "when": "ApplicantIncome + CoapplicantIncome < 2000",
        "action": "deny",
        "officer": "The income is below 2,000.",
        "applicant": "We lend to applicants with an income of at least 2,000.",
    },
]
WIDE = "W" * 64
WHY = {"code": "compensating", "note": "The guarantor pays half of it."}
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.fixture
def ruled(active_version):
    """A policy with rules, a limit of the amount and a second person for each change of it."""
    Policy.objects.create(
        threshold=0.5,
        limit_amount=100,
        second_for_policies=True,
        rules=rules_to_json(rules_from_facts(RULES, SCHEMA)),
        reason="t",
        at=timezone.now(),
    )
    active_policy.forget()


@pytest.fixture
def admin(ruled, signed_in):
    return signed_in(Role.ADMIN, **STILL)


@pytest.fixture
def officer(user_with):
    return user_with(Role.OFFICER, "of" * 40)


@pytest.fixture
def score(ruled, officer, application):
    """Score an application with a gap, for which a rule holds; its owner is the officer, or another."""

    def make(loan_id, owner=officer):
        row = application | {"Loan_ID": loan_id, "Credit_History": None, "Property_Area": "Rural"}
        facts = {"source": Prediction.Source.API, "request_id": "r"}
        scoring.score_records(owner=owner, records=[read_json_row(SCHEMA, row)], **facts)
        return Prediction.objects.select_related("policy").latest("pk")

    return make


@pytest.fixture
def in_each_state(score, officer):
    """An application in each state, by state."""
    found = {state: score(f"{state} {WIDE[len(state) + 1 :]}") for state in ("waiting", "on_hold")}
    until = site_date(timezone.now()) + timedelta(days=7)
    holds.put_on_hold(prediction=found["on_hold"], by=officer, asked="Payslips of " + WIDE, until=until)
    found["proposed"] = score("proposed")
    propose(found["proposed"], officer)
    found["decided"] = score("decided")
    decide_or_propose(prediction=found["decided"], by=officer, verdict="denied", **WHY | {"code": "other"})
    found["withdrawn"] = score("withdrawn")
    withdrawals.withdraw(prediction=found["withdrawn"], by=officer, reason="Found another lender")
    return found


@pytest.fixture
def pair(score, officer, user_with):
    """The applications of two officers, whose Loan_ID is one."""
    found = [score("A").pk, score("B", owner=user_with(Role.OFFICER, "bob")).pk]
    for rows in (Prediction.objects.filter(pk__in=found), Referral.objects.filter(prediction__in=found)):
        rows.update(loan_id=WIDE)
    return Prediction.objects.filter(pk__in=found).order_by("pk")


def propose(prediction, by):
    return decide_or_propose(
        prediction=prediction, by=by, verdict="approved", terms={"LoanAmount": 105}, **WHY
    )


def test_an_application_in_each_state(admin, in_each_state):
    pages = [f"/applications/{prediction.pk}/" for prediction in in_each_state.values()]
    states = with_state(Prediction.objects.order_by("pk")).values_list("state", flat=True)
    assert [*states] == [*in_each_state]
    assert at_fault(admin, pages) == {}


def test_an_application_whose_proposal_is_ones_own(admin, score, django_user_model):
    case = score(WIDE)
    propose(case, django_user_model.objects.get(username=Role.ADMIN))
    assert at_fault(admin, [f"/applications/{case.pk}/", "/proposals/"]) == {}


def test_decisions_that_wait_for_a_second_person(admin, score, officer):
    assert at_fault(admin, ["/proposals/"]) == {}
    for number in (1, 2):
        propose(score(f"{number}{WIDE[1:]}"), officer)
    assert at_fault(admin, ["/proposals/", "/queue/"]) == {}


def test_a_policy_that_waits_for_a_second_person_and_its_refusal_without_a_reason(admin, user_with):
    in_force = Policy.objects.newest()
    other = Policy(threshold=0.6, limit_amount=90, rules=in_force.rules)
    other_admin = user_with(Role.ADMIN, "ad" * 40)
    proposed = adopt_or_propose(policy=other, replaces=in_force.pk, by=other_admin, reason=WIDE)
    assert isinstance(proposed, Proposal)
    assert at_fault(admin, ["/policies/"]) == {}
    admin.click("main button:text-is('Refuse')")
    admin.wait_for_url(f"**/proposals/{proposed.pk}/")
    assert complaints_of(admin) + too_wide(admin) == []


def test_the_form_of_a_policy_with_rules_also_where_a_rule_cannot_be_read(admin):
    assert at_fault(admin, ["/policies/change/", "/policies/"]) == {}
    admin.goto("/policies/change/")
    admin.fill("#rule-0-value", "LoanAmount >")
    admin.click("main button.btn-primary:has-text('Adopt policy')")
    expect(admin.locator("#rule-0-value-error")).to_be_visible()
    assert complaints_of(admin) + too_wide(admin) == []


def test_one_loan_id_of_several_officers(admin, pair, officer):
    assert at_fault(admin, ["/queue/same-ids/"]) == {}
    ann, bob = pair
    merging.merge(prediction=ann, into=bob, by=officer, reason="One applicant, entered twice")
    assert at_fault(admin, [*(f"/applications/{one.pk}/" for one in pair), "/queue/same-ids/"]) == {}


def test_the_history_with_its_causes(admin, in_each_state):
    assert at_fault(admin, ["/history/?causes=on"]) == {}
