"""The desk: what needs this user now, the last days, the newest cases, the model and policy in use."""

import contextlib
import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.utils import timezone

from ml.applications.records import read_json_row
from ml.products.loan_prediction.schema import built_in
from predictions.live import active_model, products
from predictions.models import CountedUntil, DayCount, Decision, Policy, Prediction, ScoredCount
from predictions.reading.counts import LastDays
from predictions.roles import Role
from predictions.services.cases import decisions
from predictions.services.policies import policies
from predictions.services.queue import claims
from predictions.services.scoring import scoring
from predictions.services.scoring.kept_counts import keep_counts
from predictions.tests.helpers.pages import table_rows, words

SCHEMA = built_in()

WHY = {"code": "other", "note": "Paid on time for six years."}


@pytest.fixture
def officer(client_of, active_version):
    return client_of(Role.OFFICER)


@pytest.fixture
def score(application):
    """Score an application of a user: ``score(user, "A-1", now=..., Credit_History=None)``."""

    def make(user, loan_id="A-1", *, now=None, **values):
        record = read_json_row(SCHEMA, application | values | {"Loan_ID": loan_id})
        facts = {"owner": user, "records": [record], "source": Prediction.Source.FORM, "request_id": "t"}
        scored = scoring.score_records(**facts, now=now or timezone.now())[0]
        return Prediction.objects.select_related("policy").get(pk=scored.id)

    return make


def ago(**span):
    return timezone.now() - timedelta(**span)


def page(client):
    return client.get("/").content.decode()


def figures(client):
    """Return the table of periods: figure to its three counts."""
    return {row[0]: row[1:] for row in table_rows(page(client))[:7]}


def test_an_empty_desk_teaches_what_to_do_and_what_waits_here(officer):
    text = words(page(officer))
    assert "Score the first application" in text
    assert "No cases wait for a decision. A case is referred to a person when" in text


def test_waiting_cases_stand_oldest_first_with_age_and_holder(officer, score, user_with):
    score(officer.user, "B-2", Credit_History=None, now=ago(hours=2))
    held = score(officer.user, "A-1", Credit_History=None, now=ago(hours=1))
    claims.claim_case(prediction=held, by=user_with(Role.REVIEWER, "zoe"))
    text = words(page(officer))
    assert "2 cases wait for a decision" in text
    assert "B-2 waiting for 2 hours Unassigned A-1 waiting for 1 hour Assigned to zoe" in text


def test_five_cases_are_shown_and_the_queue_holds_the_others(officer, score):
    for place in range(6):
        score(officer.user, f"A-{place}", Credit_History=None)
    assert page(officer).count("waiting for") == 5
    assert re.search(r'href="/queue/">Open the queue \(6\)<', page(officer))


def test_a_decided_case_does_not_wait(officer, score):
    case = score(officer.user, Credit_History=None)
    verdict = "approved" if case.approved else "denied"
    decisions.decide(prediction=case, by=officer.user, verdict=verdict)
    assert "No cases wait for a decision." in page(officer)


def test_figures_count_today_seven_and_thirty_days(officer, score):
    score(officer.user, "A-1")
    score(officer.user, "A-2", now=ago(days=5))
    score(officer.user, "A-3", now=ago(days=20), Credit_History=0)
    score(officer.user, "A-4", now=ago(days=31))
    counted = figures(officer)
    assert counted["Scored"] == ["1", "2", "3"]
    assert counted["Model: approve"] == ["1", "2", "2"]
    assert counted["Model: deny"] == ["0", "0", "1"]


def test_decisions_count_on_the_day_they_were_made(officer, score):
    case = score(officer.user, now=ago(days=10))
    decisions.decide(prediction=case, by=officer.user, verdict="denied", now=ago(days=3), **WHY)
    decisions.decide(prediction=case, by=officer.user, verdict="approved")
    assert figures(officer)["Decisions"] == ["1", "2", "2"]
    assert figures(officer)["Overrides decided against the advice"] == ["0", "1", "1"]


def test_an_officer_sees_their_own_cases_and_a_reviewer_everybodys(officer, score, client_of, user_with):
    score(officer.user, "A-1")
    score(user_with(Role.OFFICER, "other"), "B-2", Credit_History=None)
    assert "B-2" not in page(officer)
    assert figures(officer)["Scored"] == ["1", "1", "1"]
    reviewer = client_of(Role.REVIEWER)
    assert {"A-1", "B-2"} <= set(re.findall(r"<bdi>(.*?)</bdi>", page(reviewer)))
    assert figures(reviewer)["Scored"] == ["2", "2", "2"]


def test_a_day_begins_at_midnight_of_the_users_zone(officer, score):
    """At 23:30 UTC it is the next day in Auckland and still the same in Denver."""
    score(officer.user, now=datetime(2026, 3, 4, 23, 30, tzinfo=ZoneInfo("UTC")))
    for zone, day in {"Pacific/Auckland": 5, "America/Denver": 4}.items():
        with timezone.override(zone):
            days = LastDays(officer.user, products.default(), datetime(2026, 3, 9).date()).by_day()
        assert [date.day for date, counts in days if counts.scored] == [day]


def test_the_plot_has_a_block_for_each_outcome_of_a_day_and_a_table_beside_it(officer, score):
    score(officer.user, "A-1", now=ago(days=1))
    score(officer.user, "A-2", now=ago(days=1))
    score(officer.user, "A-3", Credit_History=None)
    titles = re.findall(r"<title>[^<]*?: (.*?)</title>", page(officer))
    assert titles == ["2, model: approve", "1, model: a person decides"]
    assert len(table_rows(page(officer))) > 30


def test_the_desk_names_the_policy_in_force(officer):
    numbers = {"threshold": 0.5, "refer_low": 0.4, "refer_high": 0.6}
    replaces = Policy.objects.newest().pk
    policies.adopt_policy(policy=Policy(**numbers), replaces=replaces, by=None, reason="test")
    assert "40% to under 60%" in words(page(officer))


def test_the_desk_says_when_the_active_version_cannot_be_used(officer, artefacts, active_version):
    active_version.artefact_files.all().delete()
    (artefacts / active_version.artefact / "manifest.json").unlink()
    with pytest.raises(Exception, match="cannot be loaded"):
        active_model.current()
    assert "The active version cannot be loaded." in words(page(officer))


def test_a_model_manager_is_led_to_models_trainings_and_policies(client_of, active_version):
    text = page(client_of(Role.MODEL_MANAGER))
    assert all(f'href="{link}"' in text for link in ("/models/", "/models/training/", "/policies/"))
    assert "Waiting for a decision" not in text


def test_an_auditor_is_told_where_cases_come_from(client_of, active_version):
    assert "Scored applications appear here and in the history." in words(page(client_of(Role.AUDITOR)))


@pytest.mark.parametrize("role", [Role.OFFICER, Role.ADMIN])
def test_the_desk_costs_at_most_thirteen_queries_whatever_its_size(
    client_of, active_version, score, django_assert_max_num_queries, role
):
    client = client_of(role)
    for place in range(12):
        score(client.user, f"A-{place}", Credit_History=None, now=ago(days=place))
    with django_assert_max_num_queries(13):  # two of them once a second
        page(client)


QUARTER_AGO = {"minutes": 40}


def test_cases_that_the_worker_has_counted_are_in_the_figures(officer, score):
    for number in range(3):
        score(officer.user, f"A-{number}", now=ago(**QUARTER_AGO))
    before = figures(officer)
    keep_counts()
    score(officer.user, "A-9")
    assert before["Scored"] == ["3", "3", "3"]
    assert figures(officer)["Scored"] == ["4", "4", "4"]


def test_decisions_that_the_worker_has_counted_are_in_the_figures(officer, score):
    prediction = score(officer.user, Credit_History=None, now=ago(days=2))
    claims.claim_case(prediction=prediction, by=officer.user)
    decisions.decide(prediction=prediction, verdict="denied", by=officer.user, now=ago(**QUARTER_AGO), **WHY)
    before = figures(officer)
    keep_counts()
    assert DayCount.objects.filter(kind__in=(DayCount.DECIDED, DayCount.OVERRIDDEN)).exists()
    assert figures(officer) == before


def test_quarters_are_added_to_a_day_that_is_counted_in_part(officer, score):
    noon = datetime.combine(ago(days=1), time(12), UTC)
    for number in range(4):
        score(officer.user, f"A-{number}", now=noon + number * timedelta(hours=1))
        keep_counts(noon + timedelta(hours=number, minutes=50))
    assert [sum(row.numbers) for row in DayCount.objects.filter(owner=officer.user)] == [4]
    assert figures(officer)["Scored"][1] == "4"


def scored_by_day(user):
    days = LastDays(user, products.default(), timezone.localdate()).by_day()
    return [(day, counts.by_outcome) for day, counts in days]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Auckland"])
def test_counted_days_are_those_of_the_readers_time_zone(officer, score, zone):
    for hours in range(0, 100, 5):
        score(officer.user, f"A-{hours}", now=ago(hours=hours, minutes=7 * hours))
    with timezone.override(ZoneInfo(zone)):
        before = scored_by_day(officer.user)
        keep_counts()
        assert scored_by_day(officer.user) == before


def test_a_deleted_decision_is_in_no_figure(officer, score):
    prediction = score(officer.user, Credit_History=None, now=ago(hours=2))
    claims.claim_case(prediction=prediction, by=officer.user)
    decisions.decide(prediction=prediction, verdict="denied", by=officer.user, now=ago(hours=1), **WHY)
    keep_counts()
    Decision.objects.all().delete()
    assert figures(officer)["Decisions"][2] == "0"
    keep_counts()
    assert figures(officer)["Decisions"][2] == "0"


def test_counts_that_a_server_of_the_release_before_forgets_are_made_anew(officer, score):
    score(officer.user, "A-1", now=ago(hours=3))
    keep_counts()
    CountedUntil.objects.all().delete()  # and its own counts
    ScoredCount.objects.all().delete()
    score(officer.user, "A-2", now=ago(hours=2))
    assert figures(officer)["Scored"][2] == "2"
    keep_counts()
    assert figures(officer)["Scored"][2] == "2"


def test_counting_twice_counts_each_case_once(officer, score):
    score(officer.user, now=ago(**QUARTER_AGO))
    keep_counts()
    keep_counts()
    assert figures(officer)["Scored"][0] == "1"


def test_an_officer_sees_no_other_officers_cases_in_what_is_counted(officer, score, user_with):
    score(user_with(Role.OFFICER, "zoe"), now=ago(**QUARTER_AGO))
    keep_counts()
    assert "Scored" not in figures(officer)


def test_a_quarter_in_which_calls_may_still_run_is_not_counted_yet(officer, score):
    score(officer.user, now=ago(minutes=1))
    keep_counts()
    assert not ScoredCount.objects.exists()
    assert figures(officer)["Scored"][0] == "1"


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_worker_counts_no_day_while_a_decision_is_being_deleted(active_version, user_with, score):
    officer = user_with(Role.OFFICER)
    case = score(officer, now=ago(days=1))
    decisions.decide(prediction=case, verdict="approved", by=officer, now=ago(days=1))
    keep_counts()
    CountedUntil.objects.update(days_until=None)  # as another deletion leaves it
    with contextlib.closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("BEGIN; DELETE FROM predictions_decision")
        with transaction.atomic():
            assert not CountedUntil.objects.select_for_update(skip_locked=True).exists()
