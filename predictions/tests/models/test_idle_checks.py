"""A rule whose column a schema lacks never holds: whoever activates a version or adds a schema is told."""

import io

import pytest
from django.core.management import call_command
from django.utils import timezone

from ml.products.loan_prediction.schema import built_in
from ml.schemas.facts import facts_of
from ml.schemas.toml import schema_from_facts
from ml.scorecard.policy_rules import rules_to_json
from ml.scorecard.rule_reader import rules_from_facts
from predictions.models import Policy
from predictions.roles import Role
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.pages import words

FACTS = facts_of(built_in())
SAVINGS = {"name": "Savings", "kind": "number", "minimum": 0, "maximum": 900}
RULE = {"code": "thin", "when": "Savings < 10", "action": "refer", "officer": "Hardly any savings."}
SAID = "The rule 'thin' of Policy {} never holds: it reads 'Savings', which the schema has not"


@pytest.fixture
def policy(active_version):
    """A policy that was adopted while a version with a column of savings was active."""
    with_savings = schema_from_facts(FACTS | {"column": [*FACTS["column"], SAVINGS]})
    rules = rules_to_json(rules_from_facts([RULE], with_savings))
    facts = {"threshold": 0.5, "previous": Policy.objects.newest(), "reason": "Agreed"}
    return Policy.objects.create(**facts, rules=rules, at=timezone.now())


@pytest.fixture
def said(policy):
    return SAID.format(policy.pk)


@pytest.fixture
def api(user_with):
    return ApiClient(user_with(Role.MODEL_MANAGER))


def test_the_page_of_a_version_says_it_before_and_after_the_activation(said, register, client_of):
    manager, version = client_of(Role.MODEL_MANAGER), register()
    assert said in words(manager.get(f"/models/{version.pk}/"))
    page = manager.post(f"/models/{version.pk}/activate/", {"reason": "Roll back"}, follow=True)
    assert f"Version {version.pk} is active" in words(page)
    assert said in words(page)


def test_the_reply_to_an_activation_names_rule_and_column(said, register, api):
    reply = api.post(f"/api/v1/models/{register().pk}/activate/", {"reason": "Roll back"}).json()
    [warning] = reply["warnings"]
    assert (warning["code"], warning["attr"]) == ("rule:thin", "Savings")
    assert warning["detail"].startswith(said)


def test_the_command_that_activates_prints_it(said, register, kept_table):
    out = io.StringIO()
    call_command("activate_model", register().pk, reason="Roll back", stdout=out)
    assert said in out.getvalue()


def test_a_version_whose_schema_has_every_column_has_no_warning(active_version, api):
    assert api.get(f"/api/v1/models/{active_version.pk}/").json()["warnings"] == []


def test_the_reply_to_a_new_schema_names_rule_and_column(said, api):
    schema = FACTS | {"title": "Loan"}
    reply = api.post("/api/v1/schemas/", {"reason": "Shorter", "schema": schema}).json()
    assert [(warning["code"], warning["attr"]) for warning in reply["warnings"]] == [("rule:thin", "Savings")]
