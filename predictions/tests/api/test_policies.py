"""Policies by API: list, read, adopt, propose, simulate."""

import pytest

from predictions.models import AuditRecord, Policy
from predictions.roles import Role
from predictions.tests.helpers.api import ApiClient

URL = "/api/v1/policies/"
RULE = {
    "code": "small-income",
    "when": "ApplicantIncome + CoapplicantIncome < 6000",
    "action": "refer",
    "officer": "The income is small.",
}


@pytest.fixture
def manager(user_with):
    return ApiClient(user_with(Role.MODEL_MANAGER))


def error_of(reply):
    return reply.json()["errors"][0]


def test_a_policy_is_adopted_and_what_is_left_out_stays(manager):
    reply = manager.post(URL, {"threshold": 0.6, "reason": "Losses"})
    assert (reply.status_code, reply.json()["threshold"], reply.json()["by"]) == (201, 0.6, "model manager")
    manager.post(URL, {"limit_amount": 500, "second_for_letters": True, "reason": "Agreed"})
    (newest, before, _) = manager.get(URL).json()["results"]
    assert (newest["threshold"], newest["limit_amount"], newest["second_for_letters"]) == (0.6, 500.0, True)
    assert newest["previous"] == before["id"]


def test_rules_are_read_back_as_they_were_sent(manager):
    reply = manager.post(URL, {"rules": [RULE], "reason": "Agreed"})
    assert (reply.status_code, reply.json()["rules"]) == (201, [RULE | {"applicant": ""}])
    assert manager.get(f"{URL}{reply.json()['id']}/").json() == reply.json()


@pytest.mark.parametrize(
    ("fields", "attr", "detail"),
    [
        ({"threshold": 2}, "threshold", "from 0 to 1 is expected, not 2.0"),
        ({"threshold": "0.5"}, "threshold", "A number or null is expected"),
        ({"refer_gaps": 1}, "refer_gaps", "true or false is expected, not 1."),
        ({"limit_amount": -1}, "limit_amount", "above 0 is expected"),
        ({"limit_amount": 5e-324}, "limit_amount", "from 1e-15 to 1e+15"),
        ({"limit_amount": 1e16}, "limit_amount", "from 1e-15 to 1e+15"),
        ({"rules": "x"}, "rules", "An array of rules is expected"),
        ({"rules": [RULE | {"when": "Income < 1"}]}, "rule[0].when", "'Income'"),
        ({"replaces": "x"}, "replaces", "The id of a policy is expected"),
        ({"reason": ""}, "reason", "A reason is expected"),
        ({"reason": [], "replaces": 0}, "reason", "A reason is expected"),
    ],
)
def test_what_is_no_policy_is_refused_by_its_field(manager, fields, attr, detail):
    first = Policy.objects.newest()
    reply = manager.post(URL, {"threshold": 0.6, "reason": "Losses"} | fields)
    assert (reply.status_code, error_of(reply)["attr"]) == (400, attr)
    assert detail in error_of(reply)["detail"]
    assert Policy.objects.newest() == first


def test_a_policy_that_was_replaced_meanwhile_is_not_replaced_again(manager):
    first = Policy.objects.newest().pk
    manager.post(URL, {"threshold": 0.6, "reason": "Losses"})
    late = manager.post(URL, {"threshold": 0.7, "reason": "Losses", "replaces": first})
    assert (late.status_code, Policy.objects.newest().threshold) == (409, 0.6)


def test_where_a_second_person_is_asked_for_it_is_proposed(manager):
    manager.post(URL, {"second_for_policies": True, "reason": "Agreed"})
    reply = manager.post(URL, {"threshold": 0.6, "reason": "Losses"})
    assert (reply.status_code, reply.json()["limits"]) == (202, ["second_for_policies"])
    assert Policy.objects.newest().threshold == 0.5


def test_another_policy_is_simulated_on_stored_predictions(manager, active_version, user_with, application):
    officer = ApiClient(user_with(Role.OFFICER))
    scored = officer.post("/api/v1/predictions/", application).json()
    reply = manager.post(f"{URL}simulate/", {"threshold": 0.9999}).json()
    assert reply["outcomes"][0] == {"outcome": "approved", "in_force": 1, "proposed": 0}
    assert {"in_force": "approved", "proposed": "denied", "count": 1} in reply["moves"]
    assert [(row["id"], row["proposed"]) for row in reply["changed"]] == [(scored["id"], "denied")]
    assert AuditRecord.objects.filter(action="policy simulation", by=manager.user).count() == 1
