"""Threshold, refer band and gaps: how a probability becomes an outcome, and how that is changed."""

import pytest

from predictions.errors import Conflict, InvalidFields
from predictions.models import AuditRecord, Policy
from predictions.roles import Role
from predictions.services.policies import policies
from predictions.tests.helpers.api import ApiClient

BAND = Policy(threshold=0.5, refer_low=0.4, refer_high=0.6)
OPEN = {"together": [0.3, 0.7], "alone": {"LoanAmount": [0.45, 0.49], "Credit_History": [0.3, 0.7]}}


@pytest.fixture
def officer(active_version, user_with):
    return ApiClient(user_with(Role.OFFICER))


def adopt(reason="Newest losses", **numbers):
    newest = Policy.objects.newest()
    return policies.adopt_policy(policy=Policy(**numbers), replaces=newest.pk, by=None, reason=reason)


@pytest.mark.parametrize(
    ("probability", "outcome"),
    [(0.39, "denied"), (0.4, "refer"), (0.59, "refer"), (0.6, "approved")],
)
def test_the_band_refers_from_its_lower_end_up_to_its_upper_one(probability, outcome):
    assert BAND.rule.outcome(probability, None, []) == outcome


def test_a_gap_that_could_flip_the_outcome_refers_and_is_named():
    policy = Policy(threshold=0.5)
    assert policy.rule.outcome(0.48, OPEN, []) == "refer"
    assert policy.rule.columns_that_flip(OPEN) == ["Credit_History"]


def test_gaps_that_flip_only_together_are_all_named():
    together = {"together": [0.3, 0.7], "alone": {"LoanAmount": [0.3, 0.4], "Loan_Amount_Term": [0.4, 0.45]}}
    assert Policy(threshold=0.5).rule.columns_that_flip(together) == ["LoanAmount", "Loan_Amount_Term"]


def test_a_gap_that_changes_nothing_does_not_refer():
    assert Policy(threshold=0.8).rule.outcome(0.48, OPEN, []) == "denied"


def test_a_policy_may_leave_gaps_alone():
    assert Policy(threshold=0.5, refer_gaps=False).rule.outcome(0.48, OPEN, []) == "denied"


def test_a_missing_credit_history_is_referred_and_the_reply_says_why(officer, application):
    reply = officer.post("/api/v1/predictions/", application | {"Credit_History": None}).json()
    assert (reply["outcome"], reply["could_flip"]) == ("refer", ["Credit_History"])
    assert reply["approved"] == (reply["approval_probability"] >= 0.5)


def test_new_predictions_follow_a_new_policy_and_old_ones_keep_theirs(officer, application):
    old = officer.post("/api/v1/predictions/", application).json()
    adopt(threshold=0.99)
    new = officer.post("/api/v1/predictions/", application).json()
    assert (old["outcome"], new["outcome"], new["threshold"]) == ("approved", "denied", 0.99)
    assert officer.get(f"/api/v1/predictions/{old['id']}/").json() | {"earlier": 0} == old


def test_a_change_is_on_record(db):
    policy = adopt(threshold=0.6)
    record = AuditRecord.objects.get()
    assert (record.action, record.detail["policy"], record.detail["threshold"]) == ("policy", policy.pk, 0.6)


@pytest.mark.parametrize(
    ("numbers", "field"),
    [
        ({"threshold": 1.5}, "threshold"),
        ({"threshold": float("nan")}, "threshold"),
        ({"threshold": 0.5, "refer_low": 0.4}, "refer_high"),
        ({"threshold": 0.5, "refer_low": 0.6, "refer_high": 0.7}, "refer_low"),
        ({"threshold": 0.5, "refer_low": 0.5, "refer_high": 0.5}, "refer_low"),
        ({"threshold": 0.5}, "threshold"),
    ],
)
def test_numbers_that_are_no_policy_are_refused_by_field(db, numbers, field):
    with pytest.raises(InvalidFields) as refused:
        adopt(**numbers)
    assert list(refused.value.faults) == [field]
    assert Policy.objects.count() == 1


def test_a_change_needs_a_reason(db):
    with pytest.raises(InvalidFields, match="reason"):
        adopt(threshold=0.6, reason="")


def test_of_two_changes_of_the_same_policy_one_wins(db):
    first = Policy.objects.newest()
    adopt(threshold=0.6)
    with pytest.raises(Conflict, match="was adopted meanwhile"):
        policies.adopt_policy(policy=Policy(threshold=0.7), replaces=first.pk, by=None, reason="Late")
