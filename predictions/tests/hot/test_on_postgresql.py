"""PostgreSQL stores calls in one statement, by connections that gunicorn's main thread does not wait for."""

import contextlib
from selectors import DefaultSelector

import pytest
from django.db import DatabaseError, IntegrityError, connection

from ml.applications.records import read_json_row
from ml.products.loan_prediction.schema import built_in
from predictions.live import active_model, active_policy
from predictions.models import Explanation, Prediction, Referral
from predictions.roles import Role
from predictions.services.scoring.group_statement import MAX_ROWS, Asking, store_in_one_statement
from predictions.services.scoring.scoring import prepare_call

pytestmark = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="Left out: statements of PostgreSQL. DATABASE_URL names none."
)
SCHEMA = built_in()
END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


@pytest.fixture
def asking(active_version, user_with, application):
    """Prepare a call: ``asking("A", ApplicantIncome=90_000)``, or one with several Loan_IDs."""
    users = {}

    def prepare(*loan_ids, caller="client", role=Role.API_CLIENT, **values):
        owner = users.get(caller) or users.setdefault(caller, user_with(role, caller))
        facts = {"source": Prediction.Source.API, "request_id": "r", "owner": owner}
        facts |= {"model": active_model.current(), "policy": active_policy.current()}
        rows = [application | values | {"Loan_ID": loan_id} for loan_id in loan_ids]
        call = prepare_call(records=[read_json_row(SCHEMA, row) for row in rows], **facts)
        return Asking(call, asks=len(rows) == 1)

    return prepare


def test_ids_are_told_in_the_order_of_the_calls(asking):
    stored = store_in_one_statement([asking("A"), asking("B", "C"), asking('D "\\,{}')])
    told = {
        pk: loan_id for scored, _ in stored for pk, loan_id in zip(scored.ids, scored.loan_ids, strict=True)
    }
    assert dict(Prediction.objects.values_list("pk", "loan_id")) == told
    assert list(told) == sorted(told)


def test_what_is_stored_is_what_a_call_alone_stores(asking):
    alone, together = asking("A", Credit_History=None), asking("A", Credit_History=None)
    alone.call.store()
    store_in_one_statement([together])
    differing = {"id": None, "created_at": None}
    first, second = (row | differing for row in Prediction.objects.order_by("pk").values())
    assert first == second


def test_earlier_predictions_are_those_stored_before_and_those_of_the_calls_before(asking):
    asking("A").call.store()
    calls = [asking("A"), asking("A", "B"), asking("B"), asking("A"), asking("A", caller="other")]
    assert [earlier for _, earlier in store_in_one_statement(calls)] == [1, 0, 1, 3, 0]


def test_an_application_that_is_referred_twice_waits_once_for_its_newest_prediction(asking):
    calls = [asking("A", ApplicantIncome=90_000), asking("A", ApplicantIncome=95_000)]
    _, newest = store_in_one_statement(calls)
    entry = Referral.objects.get()
    assert (entry.prediction_id, entry.since) == (newest.scored.ids[0], calls[0].call.entries.entrance.now)


def test_an_application_that_waits_keeps_its_place(asking):
    first, again = asking("A", ApplicantIncome=90_000), asking("A", ApplicantIncome=95_000)
    store_in_one_statement([first])
    (stored,) = store_in_one_statement([again])
    entry = Referral.objects.get()
    assert (entry.prediction_id, entry.since) == (stored.scored.ids[0], first.call.entries.entrance.now)


def test_a_group_with_a_pruned_explanation_cannot_be_committed(asking):
    calls = [asking("A"), asking("B", Credit_History=0)]
    Explanation.objects.get(pk=calls[1].call.rows[0][3]).delete()
    store_in_one_statement(calls)
    with pytest.raises(IntegrityError):
        connection.check_constraints()  # as the commit does
    connection.set_rollback(True)


def test_calls_of_the_staff_of_other_letters_and_of_many_rows_have_a_transaction_of_their_own(asking):
    assert not asking("A", caller="officer", role=Role.OFFICER).fits
    assert not asking("Ä").fits
    assert not asking(*map(str, range(MAX_ROWS + 1))).fits
    assert asking("Ä", "B").fits


class Loop:
    """gunicorn's main loop, with a connection opened where a thread would open it."""

    def __init__(self, statement, types):
        from loansite.postgresql.unwaited import Tools, UnwaitedConnections

        self.poller = DefaultSelector()
        tools = Tools(self.poller, lambda run: run(), lambda call, *given: call(*given))
        self.connections = UnwaitedConnections(statement, types, tools)
        self.outcomes = []

    def ask(self, *parameters):
        self.connections.free().send(parameters, self.outcomes.append)

    def turn_until(self, holds):
        while not holds():
            for key, _ in self.poller.select(10):
                key.data(key.fileobj)
        return True

    def close(self):
        self.connections.close()
        self.poller.close()

    def answers(self, number=1):
        self.turn_until(lambda: len(self.outcomes) == number)
        return self.outcomes


@pytest.fixture
def loop(db):
    with contextlib.ExitStack() as stack:
        yield lambda statement, *types: stack.enter_context(contextlib.closing(Loop(statement, types)))


def test_rows_are_told_when_they_come(loop):
    numbers = loop("SELECT n, n * $2[1] FROM unnest($1) n", "int[]", "int[]")
    numbers.ask("{1,2}", "{10}")
    assert numbers.outcomes == []
    assert numbers.answers() == [[(1, 10), (2, 20)]]


def test_two_statements_are_under_way_and_no_third(loop):
    asked = loop("SELECT $1", "int")
    asked.ask("1")
    asked.ask("2")
    assert asked.connections.free() is None
    assert sorted(asked.answers(2)) == [[(1,)], [(2,)]]


def test_a_statement_that_the_server_refuses_is_told_and_the_next_one_sent(loop):
    asked = loop("SELECT 1 / $1", "int")
    asked.ask("0")
    assert isinstance(asked.answers()[0], DatabaseError)
    asked.ask("1")
    assert asked.answers(2)[1] == [(1,)]


def test_a_connection_that_the_server_closes_is_not_used_again(loop):
    asked = loop("SELECT $1", "int")
    first = asked.connections.free()
    with connection.cursor() as cursor:
        cursor.execute(END_OTHERS)
    asked.turn_until(lambda: asked.connections.free() is not first)
    asked.ask("1")
    assert asked.answers() == [[(1,)]]
