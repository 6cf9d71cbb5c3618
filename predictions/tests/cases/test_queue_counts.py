"""The counts of the queue are kept beside every change of it, and equal the lists that they count."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from ml.applications.records import read_json_row
from ml.products.loan_prediction.schema import built_in
from predictions.live import products
from predictions.models import Prediction, Referral, WaitingCount
from predictions.reading import queue as queue_reading
from predictions.reading.queue import LONG_WAIT, VIEWS
from predictions.roles import Role
from predictions.services.cases import decisions, holds
from predictions.services.queue import claims
from predictions.services.queue.bare_entries import complete_entries
from predictions.services.queue.kept_counts import merge_counts
from predictions.services.scoring import scoring

pytestmark = pytest.mark.usefixtures("active_version")
SCHEMA = built_in()
HAND, PROGRAM = Prediction.Source.FORM, Prediction.Source.API


@pytest.fixture
def officer(user_with):
    return user_with(Role.OFFICER)


@pytest.fixture
def reviewer(user_with):
    return user_with(Role.REVIEWER)


@pytest.fixture
def refer(officer, application):
    """Score applications with a gap in one call and return the last one."""

    def make(*loan_ids, now=None, owner=officer, source=PROGRAM):
        gap = application | {"Credit_History": None}
        records = [read_json_row(SCHEMA, gap | {"Loan_ID": loan_id}) for loan_id in loan_ids]
        scoring.score_records(owner=owner, records=records, source=source, request_id="t", now=now)
        return Prediction.objects.latest("pk")

    return make


def counts(user):
    return queue_reading.counts(user, products.default())


def listed(user):
    """Return how long the list of each view is."""
    rows = queue_reading.entries_for(user, products.default())
    return {view: queue_reading.in_view(rows, view, user).count() for view in VIEWS}


def views(**numbers):
    return dict.fromkeys(VIEWS, 0) | numbers


def today():
    return timezone.now().date()


def test_a_case_that_enters_waits_in_the_views_of_its_list(refer, reviewer):
    refer("A1", "A2", "A3")
    assert counts(reviewer).by_view == listed(reviewer)
    assert counts(reviewer).total == 3


def test_a_case_that_is_scored_again_by_hand_is_counted_once_and_by_hand(refer, reviewer):
    refer("A1", "A2")
    refer("A1", source=HAND)
    assert (counts(reviewer).total, counts(reviewer).by_hand, counts(reviewer).by_programs) == (2, 1, 1)


def test_a_claimed_case_is_counted_as_its_holders(refer, reviewer):
    claims.claim_case(prediction=refer("A1", "A2"), by=reviewer)
    assert counts(reviewer).by_view == listed(reviewer) == views(all=2, mine=1, unclaimed=1)


def test_a_released_case_is_counted_as_unassigned(refer, reviewer):
    case = refer("A1")
    claims.claim_case(prediction=case, by=reviewer)
    claims.release_case(prediction=case, by=reviewer)
    assert counts(reviewer).by_view == listed(reviewer) == views(all=1, unclaimed=1)


def test_a_decided_case_is_counted_no_more(refer, reviewer):
    case = refer("A1", "A2")
    claims.claim_case(prediction=case, by=reviewer)
    decisions.decide(prediction=case, verdict="approved", by=reviewer)
    assert counts(reviewer).by_view == listed(reviewer) == views(all=1, unclaimed=1)


def test_a_case_on_hold_is_counted_there_until_its_last_day(refer, reviewer):
    case = refer("A1")
    claims.claim_case(prediction=case, by=reviewer)
    holds.put_on_hold(prediction=case, asked="Payslips", until=today() + timedelta(days=9), by=reviewer)
    assert counts(reviewer).by_view == listed(reviewer) == views(all=1, mine=1, hold=1)


def test_a_case_whose_hold_is_over_is_counted_as_due(refer, reviewer):
    refer("A1")
    Referral.objects.update(held_until=today() - timedelta(days=1))
    assert counts(reviewer).by_view == listed(reviewer) == views(all=1, unclaimed=1, due=1)


@pytest.mark.parametrize(
    "more", [timedelta(days=-1), timedelta(minutes=-1), timedelta(minutes=1), timedelta(days=2)]
)
def test_a_case_is_counted_as_due_from_the_minute_at_which_it_is(refer, reviewer, more):
    refer("A1", now=timezone.now() - LONG_WAIT - more)
    assert counts(reviewer).by_view["due"] == listed(reviewer)["due"] == (more > timedelta())


def test_an_officer_is_told_the_number_of_own_cases_and_of_those_assigned(
    refer, officer, user_with, reviewer
):
    zoe = user_with(Role.OFFICER, "zoe")
    claims.claim_case(prediction=refer("A1", "A2"), by=zoe)
    refer("B1", owner=zoe)
    assert counts(zoe).by_view == listed(zoe) == views(all=2, mine=1, unclaimed=1)
    assert counts(officer).total == listed(officer)["all"] == 2


def test_cases_of_each_product_are_counted_by_it(refer, reviewer):
    refer("A1", "A2")
    assert queue_reading.totals(reviewer) == {products.default().pk: 2}


def test_an_entry_of_the_release_before_is_counted_when_it_is_complete(refer, reviewer):
    refer("A1")
    Referral.objects.all().delete()
    Referral.objects.create(prediction=Prediction.objects.get())
    assert counts(reviewer).total == 0
    complete_entries()
    assert counts(reviewer).by_view == listed(reviewer)
    assert counts(reviewer).total == 1


def test_entries_that_are_undone_are_not_counted(refer, reviewer):
    with transaction.atomic():
        refer("A1")
        transaction.set_rollback(True)
    assert counts(reviewer).total == 0


def test_the_worker_keeps_one_row_of_counts_that_are_alike(refer, reviewer):
    refer("A1")
    refer("A2")
    merge_counts()
    assert WaitingCount.objects.get().number == 2


def test_nothing_is_kept_of_a_queue_that_is_empty_again(refer):
    refer("A1", "A2")
    Referral.objects.all().delete()
    merge_counts()
    assert not WaitingCount.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_cases_that_wait_when_a_site_is_updated_are_counted(refer, reviewer):
    refer("A1", "A2")
    call_command("migrate", "predictions", "0052", verbosity=0)
    refer("A3", source=HAND)  # by the release before
    call_command("migrate", verbosity=0)
    assert counts(reviewer).by_view == listed(reviewer)
    assert (counts(reviewer).total, counts(reviewer).by_hand) == (3, 1)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has other catalogues")
def test_the_last_migrations_keep_the_triggers_of_the_queue_and_of_decisions():
    tables = ("predictions_referral", "predictions_decision")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN (%s, %s) ORDER BY name",
            tables,
        )
        names = [name for (name,) in cursor.fetchall()]
    assert names == ["decision_leaves", "referral_changes", "referral_enters", "referral_leaves"]
