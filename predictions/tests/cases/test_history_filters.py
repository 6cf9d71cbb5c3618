"""What the history is narrowed down by, in the address, on the page and in words."""

from datetime import UTC, datetime

import pytest

from ml.applications.records import read_json_row
from ml.products.loan_prediction.schema import built_in
from predictions.models import Policy, Prediction
from predictions.reading import filters
from predictions.roles import Role
from predictions.services.cases import decisions
from predictions.services.policies import policies
from predictions.services.scoring import scoring
from predictions.tests.helpers.pages import table_rows, words

SCHEMA = built_in()

URL = "/history/"
API = "/api/v1/predictions/"


@pytest.fixture
def rows(active_version, user_with, application):
    """Four predictions: A1, A2 and a1 of an officer, B1 of a client; A2 denied, half of them long ago."""
    officer, client = user_with(Role.OFFICER), user_with(Role.API_CLIENT)
    first, later = datetime(2026, 3, 1, 23, 30, tzinfo=UTC), datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
    for loan_id, history, owner, source, now in (
        ("A1", 1, officer, "form", first),
        ("A2", 0, officer, "form", first),
        ("a1", 1, officer, "form", later),
        ("B1", 1, client, "api", later),
    ):
        record = read_json_row(SCHEMA, application | {"Loan_ID": loan_id, "Credit_History": history})
        facts = {"source": Prediction.Source(source), "request_id": "r", "now": now}
        scoring.score_records(owner=owner, records=[record], **facts)
    return {row.loan_id: row for row in Prediction.objects.select_related("policy")}


@pytest.fixture
def reviewer(client_of):
    return client_of(Role.REVIEWER)


def found(reply):
    return [row[0] for row in table_rows(reply.content.decode())[1:]]


def decide(row, by, verdict, code="", note=""):
    decisions.decide(prediction=row, by=by.user, verdict=verdict, code=code, note=note)


@pytest.fixture
def decided(rows, reviewer):
    """A1 approved as advised; A2 approved against the advice, then denied after all; B1 denied against it."""
    why = {"code": "hidden_risk", "note": "The employer closes."}
    decide(rows["A1"], reviewer, "approved")
    decide(rows["A2"], reviewer, "approved", **why)
    decide(rows["A2"], reviewer, "denied")
    decide(rows["B1"], reviewer, "denied", **why)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("loan_id=A", ["A2", "A1"]),
        ("loan_id=A1", ["A1"]),
        ("loan_id=A&exact=on", []),
        ("loan_id=A2&exact=on", ["A2"]),
        ("outcome=denied", ["A2"]),
        ("source=api", ["B1"]),
        ("officer=officer", ["a1", "A2", "A1"]),
        ("officer=nobody", []),
        ("since=2026-03-02", ["B1", "a1"]),
        ("until=2026-03-01", ["A2", "A1"]),
        ("since=2026-03-01&until=2026-03-02", ["B1", "a1", "A2", "A1"]),
        ("probability_max=50", ["A2"]),
        ("probability_min=50&sort=oldest&officer=officer", ["A1", "a1"]),
        ("version=999", []),
    ],
)
def test_the_history_is_narrowed_down(rows, reviewer, query, expected):
    assert found(reviewer.get(f"{URL}?{query}")) == expected


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("loan_id=A", ["A2", "A1"]),
        ("officer=officer", ["a1", "A2", "A1"]),
        ("decision=approved", ["A1"]),
        ("decision=denied", ["B1", "A2"]),
        ("override=yes", ["B1"]),
        ("override=no", ["A2", "A1"]),
    ],
)
def test_many_matches_are_found_in_the_order_of_the_list(decided, reviewer, monkeypatch, query, expected):
    monkeypatch.setattr(filters, "FEW", 0)
    monkeypatch.setattr(filters, "FEW_IN_INDEX", 0)
    assert found(reviewer.get(f"{URL}?{query}")) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("decision=approved", ["A1"]),
        ("decision=denied", ["B1", "A2"]),
        ("decision=none", ["a1"]),
        ("override=yes", ["B1"]),
        ("override=no", ["A2", "A1"]),
        ("decision=denied&override=no", ["A2"]),
    ],
)
def test_the_newest_decision_counts(decided, reviewer, query, expected):
    assert found(reviewer.get(f"{URL}?{query}")) == expected
    said = query.replace("override=yes", "override=true").replace("override=no", "override=false")
    listed = reviewer.get(f"{API}?{said}").json()["results"]
    assert [row["Loan_ID"] for row in listed] == expected


def test_the_api_takes_a_range_of_probability(rows, reviewer):
    assert [row["Loan_ID"] for row in reviewer.get(f"{API}?probability_max=0.5").json()["results"]] == ["A2"]
    assert reviewer.get(f"{API}?probability_min=1&probability_max=1").json()["results"] == []


@pytest.mark.parametrize(
    "query", ["decision=maybe", "override=yes", "probability_min=200", "probability_max=-1"]
)
def test_the_api_refuses_a_bad_value_by_name(reviewer, query):
    reply = reviewer.get(f"{API}?{query}")
    assert (reply.status_code, reply.json()["errors"][0]["attr"]) == (400, query.split("=")[0])


def test_days_are_those_of_the_users_zone(rows, reviewer, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    assert found(reviewer.get(f"{URL}?until=2026-03-01")) == []


def test_a_decision_stands_beside_the_outcome_with_its_mark(decided, reviewer):
    lines = {row[0]: row for row in table_rows(reviewer.get(URL).content.decode())}
    assert lines["B1"][3] == "Decision: Denied against the advice"
    assert (lines["A2"][3], lines["a1"][3]) == ("Decision: Denied", "Not decided")


def test_the_filters_in_use_are_said_in_words_and_can_be_removed(rows, reviewer):
    reply = reviewer.get(f"{URL}?loan_id=A&outcome=denied&since=2026-03-01&sort=oldest")
    text = words(reply)
    assert "All predictions, oldest first, with:" in text
    assert "Remove the filter Loan ID begins with A" in text
    assert "Remove the filter From 1 Mar 2026" in text
    assert 'href="?outcome=denied&amp;since=2026-03-01&amp;sort=oldest"' in reply.content.decode()


def test_the_next_page_keeps_the_filters(rows, reviewer):
    Prediction.objects.bulk_create(
        Prediction(**(Prediction.objects.filter(outcome="denied").values().first() | {"id": None}))
        for _ in range(40)
    )
    assert "?outcome=denied&amp;after=" in reviewer.get(f"{URL}?outcome=denied").content.decode()


def test_the_empty_fields_of_the_form_leave_the_address(rows, reviewer):
    reply = reviewer.get(f"{URL}?loan_id=&outcome=denied&decision=&since=&sort=newest")
    assert (reply.status_code, reply.url) == (302, f"{URL}?outcome=denied")


def test_nothing_that_matches_is_helped(rows, reviewer):
    assert "No predictions match. Remove a filter, or show all" in words(reviewer.get(f"{URL}?loan_id=ZZZ"))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("since=2026-13-40", "From: '2026-13-40' is not a date; expected one such as 2026-01-31."),
        ("until=9999-12-31", "Until: '9999-12-31' is not a date"),
        ("probability_min=200", "Probability from: '200' cannot be used; expected a number from 0 to 100"),
        ("outcome=maybe", "Outcome: 'maybe' is not one of approved, denied, refer."),
        ("version=x", "Model version: 'x' is not an id; expected a whole number."),
        ("sort=sideways", "Sort: 'sideways' is not one of newest, oldest, highest, lowest."),
        ("officer=%00", "Scored by: '\\x00' is not a user name"),
        ("loan_id=%00", "Loan ID: '\\x00' is not a Loan_ID"),
        ("since=2026-03-02&until=2026-03-01", "Until: The last day is before the first."),
        ("probability_min=9&probability_max=8", "Probability to: The maximum is below the minimum."),
    ],
)
def test_a_bad_value_is_refused_by_its_field(rows, reviewer, query, said):
    reply = reviewer.get(f"{URL}?{query}")
    assert reply.status_code == 422
    assert said in words(reply).replace(" :", ":")
    assert found(reply) == []


def test_refused_text_stays_in_its_field(rows, reviewer):
    page = reviewer.get(f"{URL}?since=2026-13-40&loan_id=A1").content.decode()
    assert '<input type="text" name="since" value="2026-13-40"' in page
    assert 'value="A1"' in page


def test_an_officer_sees_and_filters_their_own_only(rows, client_of):
    zoe = client_of(Role.OFFICER, "zoe")
    assert found(zoe.get(f"{URL}?officer=officer&loan_id=A")) == []
    assert 'name="officer"' not in zoe.get(URL).content.decode()


def test_every_filter_at_once_costs_a_few_queries_more(decided, reviewer, django_assert_max_num_queries):
    every = "loan_id=B&outcome=approved&decision=denied&override=yes&version=1&source=api&officer=x"
    with django_assert_max_num_queries(18):  # one of them once a second, eleven to choose the quicker way
        reviewer.get(
            f"{URL}?{every}&since=2026-01-01&until=2026-12-31&probability_min=1&sort=highest&after=3"
        )


def test_a_threshold_of_its_time_decides_how_a_probability_is_written(rows, reviewer):
    old = Policy.objects.newest()
    policies.adopt_policy(policy=Policy(threshold=0.9), replaces=old.pk, by=reviewer.user, reason="stricter")
    assert found(reviewer.get(f"{URL}?outcome=approved")) == ["B1", "a1", "A1"]
