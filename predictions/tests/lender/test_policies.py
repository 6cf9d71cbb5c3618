"""A policy is checked against the schema of its product, also where it keeps what another schema allowed."""

import pytest

from ml.scorecard.policy_rules import rules_to_json
from ml.scorecard.rule_reader import rules_from_facts
from predictions.models import Policy
from predictions.roles import Role
from predictions.tests.conftest import SCHEMA
from predictions.tests.helpers.api import ApiClient

URL = "/api/v1/products/boat-loan/policies/"
LARGE = {"code": "large", "when": "LoanAmount > 400", "action": "refer", "officer": "A large loan."}


@pytest.fixture
def manager(boat_loan, user_with):
    return ApiClient(user_with(Role.MODEL_MANAGER))


def error(reply):
    return (reply.status_code, *reply.json()["errors"])


def test_a_limit_of_the_amount_is_refused_where_the_schema_names_no_amount(manager):
    status, fault = error(manager.post(URL, {"limit_amount": 100, "reason": "Large loans"}))
    assert (status, fault["attr"]) == (400, "limit_amount")
    assert "'Boat loan' names no amount" in fault["detail"]


def test_a_kept_rule_that_reads_what_the_schema_lacks_is_named(manager, boat_loan):
    kept = rules_to_json(rules_from_facts([LARGE], SCHEMA))
    Policy.objects.of_product(boat_loan.pk).update(rules=kept)
    status, fault = error(manager.post(URL, {"threshold": 0.6, "reason": "Losses"}))
    assert (status, fault["attr"]) == (400, "rules")
    assert "'large' reads 'LoanAmount'" in fault["detail"]
    assert manager.post(URL, {"threshold": 0.6, "rules": [], "reason": "Losses"}).status_code == 201
