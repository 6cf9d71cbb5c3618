"""The page of policies, the form that changes one, and its place in the admin."""

import re

import pytest

from predictions.models import Policy
from predictions.roles import Role
from predictions.services.policies import policies
from predictions.tests.helpers.pages import table_rows, words

CHANGE = "/policies/change/"


@pytest.fixture
def manager(client_of):
    return client_of(Role.MODEL_MANAGER)


def adopt(reason="Newest losses", **numbers):
    newest = Policy.objects.newest()
    return policies.adopt_policy(policy=Policy(**numbers), replaces=newest.pk, by=None, reason=reason)


def typed(**fields):
    """Return what a manager sends: one more threshold, and why."""
    entries = {"threshold": "52.5", "refer_gaps": "on", "reason": "Agreed on 3 March"}
    return entries | {"replaces": Policy.objects.newest().pk} | fields


def test_the_policy_in_force_is_said_in_words_and_drawn(manager):
    adopt(threshold=0.525, refer_low=0.45, refer_high=0.6, refer_gaps=False)
    page = manager.get("/policies/")
    text = words(page).split("Earlier policies")[0]
    assert "Approve from 52.5%, deny below." in text
    assert "Refer to a person from 45% to under 60%. Missing values: do not refer." in text
    assert 'x="45.00%" y="26" width="15.00%"' in page.content.decode()
    assert re.search("Adopted by the command line Reason .?Newest losses", text)


def test_earlier_policies_stand_below_newest_first_with_what_each_changed(manager):
    adopt(threshold=0.6)
    adopt(threshold=0.6, refer_low=0.5, refer_high=0.7, refer_gaps=False)
    adopt(threshold=0.6, refer_low=0.5, refer_high=0.7)
    lines = table_rows(manager.get("/policies/").content.decode())[1:]
    assert [line[4] for line in lines] == [
        "Refer band: none → 50% to under 70% "
        "Missing values that could change the outcome: refer → do not refer",
        "Threshold: 50% → 60%",
        "First policy",
    ]


def test_the_page_takes_the_same_queries_however_many_policies(manager, django_assert_max_num_queries):
    for place in range(5):
        adopt(threshold=0.6 + place / 100)
    with django_assert_max_num_queries(10):  # one of them once a second
        manager.get("/policies/")


def test_only_those_who_may_change_it_are_offered_to(manager, client_of):
    assert CHANGE in manager.get("/policies/").content.decode()
    assert CHANGE not in client_of(Role.AUDITOR).get("/policies/").content.decode()


def test_the_form_begins_with_the_numbers_in_force(manager):
    adopt(threshold=0.525, refer_low=0.07, refer_high=0.6)
    page = manager.get(CHANGE).content.decode()
    assert [f'value="{entry}"' in page for entry in ("52.5", "7", "60")] == [True] * 3


def test_a_change_is_in_force_at_once_exactly_as_it_was_written(manager):
    reply = manager.post(CHANGE, typed(threshold="55.1", refer_low=" 45 ", refer_high="60.25"))
    assert (reply.status_code, reply.headers["Location"]) == (303, "/policies/")
    policy = Policy.objects.newest()
    assert (policy.threshold, policy.refer_low, policy.refer_high) == (0.551, 0.45, 0.6025)
    assert (policy.by, policy.reason, policy.refer_gaps) == (manager.user, "Agreed on 3 March", True)
    assert f"{policy} is in force." in words(manager.get("/policies/"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"threshold": "200"}, "'200' is not a percentage; expected a number from 0 to 100, such as 52.5."),
        ({"threshold": "1e1"}, "'1e1' is not a percentage"),
        ({"threshold": ""}, "A percentage is expected"),
        ({"threshold": "50"}, "These numbers are already in force (Policy"),
        ({"refer_low": "40"}, "Enter both ends of the refer band, or neither."),
        (
            {"refer_low": "60", "refer_high": "70"},
            "The refer band (60% to 70%) must contain the threshold",
        ),
        ({"reason": " "}, "A reason is expected"),
        ({"replaces": "x"}, "Reload the page"),
    ],
)
def test_what_is_no_policy_is_refused_by_its_field_and_kept(manager, fields, said):
    first = Policy.objects.newest()
    reply = manager.post(CHANGE, typed() | fields)
    assert (reply.status_code, Policy.objects.newest()) == (422, first)
    assert said in words(reply)
    assert all(f'value="{value}"' in reply.content.decode() for value in fields.values() if value.strip())


def test_of_two_changes_the_later_one_is_told_and_keeps_what_it_typed(manager):
    late = typed(threshold="70")
    other = adopt(threshold=0.6)
    reply = manager.post(CHANGE, late)
    assert reply.status_code == 409
    assert f"{other} was adopted meanwhile" in words(reply)
    page = reply.content.decode()
    assert 'value="70"' in page
    assert f'name="replaces" value="{other.pk}"' in page


def test_the_admin_shows_policies_and_leaves_the_change_to_its_page(manager):
    adopt(threshold=0.525, refer_low=0.45, refer_high=0.6)
    text = words(manager.get("/admin/predictions/policy/"))
    assert "52.5% 45% to under 60%" in text
    assert manager.get("/admin/predictions/policy/add/").headers["Location"] == "/policies/"


def test_numbers_of_a_policy_are_entered_as_people_write_them(manager):
    manager.post(CHANGE, typed(threshold="55,1 %", limit_amount="$ 1,500"))
    policy = Policy.objects.newest()
    assert (policy.threshold, policy.limit_amount) == (0.551, 1500)
