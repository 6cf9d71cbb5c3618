"""What people did, in the admin: to be found and looked at."""

from datetime import UTC, datetime

import pytest

from ml.applications.records import read_json_row
from ml.products.loan_prediction.schema import built_in
from predictions.models import Notice, Prediction
from predictions.roles import Role
from predictions.services.cases import decisions
from predictions.services.queue import claims
from predictions.services.scoring import scoring
from predictions.tests.helpers.pages import words

SCHEMA = built_in()

PREDICTIONS = "/admin/predictions/prediction/"


@pytest.fixture
def reviewer(client_of):
    return client_of(Role.REVIEWER)


@pytest.fixture
def decided(active_version, reviewer, application):
    """LP1 of 2024 denied against the advice, LP2 of March 2026 approved as advised, LP3 of May
    referred and claimed."""
    times = [datetime(2024, 2, 29, 12, tzinfo=UTC), *(datetime(2026, n, 1, tzinfo=UTC) for n in (3, 5))]
    for number, now in enumerate(times, start=1):
        gap = {"Credit_History": None} if number == 3 else {}
        record = read_json_row(SCHEMA, application | {"Loan_ID": f"LP{number}"} | gap)
        facts = {"source": Prediction.Source.API, "request_id": "r", "now": now}
        scoring.score_records(owner=reviewer.user, records=[record], **facts)
    first, second, third = Prediction.objects.select_related("policy").order_by("pk")
    why = {"code": "hidden_risk", "note": "The employer closes.", "applicant_text": "Please call us."}
    decisions.decide(prediction=first, by=reviewer.user, verdict="denied", **why)
    decisions.decide(prediction=second, by=reviewer.user, verdict="approved")
    claims.claim_case(prediction=third, by=reviewer.user)
    Notice.objects.create(prediction=first, text="Denied.", by=reviewer.user, at=times[0])
    return first


def shown(reply):
    return [row.loan_id for row in reply.context["cl"].result_list]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("decision=denied", ["LP1"]),
        ("decision=none", ["LP3"]),
        ("override=no", ["LP2"]),
        ("override=yes", ["LP1"]),
        ("decision=maybe", ["LP3", "LP2", "LP1"]),
        ("created_at__year=2026", ["LP3", "LP2"]),
        ("created_at__year=2026&created_at__month=3", ["LP2"]),
        ("q=LP3", ["LP3"]),
        ("q=lp3", []),
    ],
)
def test_predictions_are_filtered_by_decision_and_date(decided, reviewer, query, expected):
    assert shown(reviewer.get(f"{PREDICTIONS}?{query}")) == expected


@pytest.mark.parametrize(
    ("query", "offered", "not_offered"),
    [
        ("", ["?created_at__year=2024", "?created_at__year=2026"], []),
        ("?created_at__year=2026", ["created_at__month=3", "created_at__month=5"], ["created_at__month=6"]),
        ("?created_at__year=2024&created_at__month=2", ["created_at__day=29"], ["created_at__day=28"]),
        ("?q=NOBODY", [], ["created_at__year"]),
    ],
)
def test_dates_to_choose_from_span_the_list(decided, reviewer, query, offered, not_offered):
    page = reviewer.get(f"{PREDICTIONS}{query}").content.decode()
    assert [date for date in offered if date not in page] == []
    assert [date for date in not_offered if date in page] == []


def test_a_decision_shows_its_note_and_the_words_for_the_applicant(decided, reviewer):
    page = words(reviewer.get(f"/admin/predictions/decision/{decided.decisions.get().pk}/change/"))
    assert "The employer closes. For colleagues. It never leaves the site." in page
    assert "Please call us. For the applicant: begins the denial notice." in page


@pytest.mark.parametrize("noun", ["decision", "claim", "notice"])
def test_each_leads_to_its_case_and_cannot_be_changed(decided, reviewer, admin_client, noun):
    page = reviewer.get(f"/admin/predictions/{noun}/", {"q": "LP"})
    assert page.status_code == 200
    row = page.context["cl"].result_list[0]
    assert f'href="/applications/{row.prediction_id}/"' in page.content.decode()
    change = f"/admin/predictions/{noun}/{row.pk}/change/"
    assert reviewer.get(change).status_code == 200
    assert admin_client.post(change, {"note": "x"}).status_code == 403
