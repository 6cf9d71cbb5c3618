"""Calls that are stored together: in one transaction, and each alone if that one fails."""

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, OperationalError

from ml.applications.records import read_json_row
from ml.products.loan_prediction.schema import built_in
from predictions.hot.calls import HotCall, earlier_of_each
from predictions.live import active_model, active_policy
from predictions.models import BUILT_IN, Prediction
from predictions.roles import Role
from predictions.services.scoring.scoring import prepare_call
from predictions.services.writing.group_commit import store_group, store_together

SCHEMA = built_in()


@pytest.fixture
def prepared(active_version, user_with, application):
    user, model, policy = user_with(Role.API_CLIENT), active_model.current(), active_policy.current()

    def prepare(loan_id):
        facts = {"source": Prediction.Source.API, "request_id": "r", "model": model, "policy": policy}
        record = read_json_row(SCHEMA, application | {"Loan_ID": loan_id})
        return prepare_call(owner=user, records=[record], **facts)

    return prepare


def refused(error):
    def store():
        raise error

    return store


def stored():
    return [*Prediction.objects.order_by("pk").values_list("loan_id", flat=True)]


def test_a_group_is_stored_in_one_transaction(prepared, django_assert_num_queries):
    stores = [prepared(loan_id).store for loan_id in "AB"]
    with django_assert_num_queries(2):  # a savepoint and its end: the inserts are the driver's own
        first, second = store_group(stores)
    assert [*first.ids, *second.ids] == [*Prediction.objects.order_by("pk").values_list("pk", flat=True)]


def test_of_two_calls_in_a_group_the_good_one_is_stored_if_the_other_fails(prepared):
    error = IntegrityError("an explanation was pruned")
    good, bad = store_group([prepared("A").store, refused(error)])
    assert (good.loan_ids, bad) == (["A"], error)
    assert stored() == ["A"]


def test_what_was_stored_before_the_failure_is_stored_once(prepared):
    store_group([prepared("A").store, refused(ValueError()), prepared("B").store])
    assert stored() == ["A", "B"]


def test_what_others_store_between_calls_of_a_failed_group_is_earlier_than_the_later_ones(prepared):
    owner = get_user_model().objects.get()
    calls = [HotCall(owner, BUILT_IN, prepared("A"), is_object=True) for _ in range(3)]
    first, _, last = ((call, call.store()) for call in calls)
    assert earlier_of_each([first, last]) == [0, 2]


def test_a_database_that_cannot_be_used_is_asked_once(prepared):
    calls = []

    def store():
        calls.append(1)
        raise OperationalError("the server is gone")

    outcomes = store_group([store, prepared("A").store])
    assert [type(outcome) for outcome in outcomes] == [OperationalError] * 2
    assert (len(calls), stored()) == (1, [])


def test_a_call_that_is_stored_alone_raises_its_own_error(prepared):
    with pytest.raises(ValueError, match="its own"):
        store_together(refused(ValueError("its own")))
