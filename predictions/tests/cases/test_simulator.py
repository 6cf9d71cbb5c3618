"""What another policy would have said of stored predictions: counts, groups, cases, file."""

import csv
import io
from datetime import UTC, datetime

import pytest

from ml.applications.records import read_json_row
from ml.products.loan_prediction.schema import built_in
from predictions.models import AuditRecord, Explanation, Policy, Prediction
from predictions.roles import Role
from predictions.services.policies import policies
from predictions.services.scoring import scoring
from predictions.tests.helpers.pages import table_rows, words

SCHEMA = built_in()

PAGE, FILE = "/policies/simulator/", "/policies/simulator.csv"
OPEN = {"together": [0.1, 0.9], "alone": {"LoanAmount": [0.1, 0.9]}}
# By probability: what the first policy says, and what 70% with a band from 60% to 75% does.
STORED = {0.2: "denied", 0.55: "approved", 0.65: "approved", 0.9: "approved"}
PROPOSED = {"threshold": "70", "refer_low": "60", "refer_high": "75"}


@pytest.fixture
def auditor(client_of):
    return client_of(Role.AUDITOR)


@pytest.fixture
def stored(active_version, user_with, application):
    """Four predictions, one of each probability of `STORED`; the second has a gap that could flip it."""
    rows = [application | {"Loan_ID": f"LP{n}", "Gender": None if n == 3 else "Male"} for n in range(4)]
    rows[1]["Loan_ID"] = "=1+1"
    facts = {"source": Prediction.Source.API, "request_id": "r"}
    scoring.score_records(
        owner=user_with(Role.OFFICER), records=[read_json_row(SCHEMA, row) for row in rows], **facts
    )
    found = list(Prediction.objects.order_by("pk"))
    for place, (prediction, probability) in enumerate(zip(found, STORED, strict=True)):
        moment = datetime(2026, 3, 1 + place, 12, tzinfo=UTC)
        explanation = Explanation.objects.create(digest=place, reasons=[], gaps=OPEN if place == 1 else None)
        facts = {"approval_probability": probability, "created_at": moment, "explanation": explanation}
        Prediction.objects.filter(pk=prediction.pk).update(**facts)
    return found


def test_outcomes_stand_side_by_side_with_their_rates(auditor, stored):
    rows = table_rows(auditor.get(PAGE, PROPOSED | {"refer_gaps": "on"}).content.decode())
    assert rows[1:4] == [
        ["Approve", "2 50.0%", "1 25.0%", "\N{MINUS SIGN}1"],
        ["Deny", "1 25.0%", "1 25.0%", "0"],
        ["Refer", "1 25.0%", "2 50.0%", "+1"],
    ]


def test_flips_are_counted_by_direction(auditor, stored):
    text = words(auditor.get(PAGE, PROPOSED))
    assert "2 of 4 outcomes would change" in text
    assert "Approve → deny 0 Approve → refer 1" in text
    assert "Refer → approve 0 Refer → deny 1" in text


def test_a_gap_refers_only_where_the_policy_says_so(auditor, stored):
    text = words(auditor.get(PAGE, {"threshold": "50"}))
    assert "1 of 4 outcomes would change" in text
    assert "Refer → approve 1" in text


def test_groups_show_rates_with_intervals_and_say_when_they_are_too_few(auditor, stored):
    facts = Prediction.objects.values().order_by("pk")[3]
    del facts["id"]
    Prediction.objects.bulk_create(Prediction(**facts) for _ in range(39))
    rows = table_rows(auditor.get(PAGE, {"threshold": "95"}).content.decode())
    assert ["Male 3", "too few"] in rows
    assert [
        "Not given 40",
        "100.0% 91.2% to 100.0%",
        "0.0% 0.0% to 8.8% \N{MINUS SIGN}100.0 percentage points",
    ] in rows


def test_the_spread_of_probabilities_is_a_plot_with_a_table_beside_it(auditor, stored):
    page = auditor.get(PAGE, PROPOSED).content.decode()
    assert ["90% to 95%", "1", "25.0%"] in table_rows(page)
    assert page.count('class="bars-bar"') == 20
    assert 'class="bars-proposed" x1="70.00%"' in page


def test_what_another_policy_scored_is_said(auditor, stored):
    newest = Policy.objects.newest()
    policies.adopt_policy(policy=Policy(threshold=0.6), replaces=newest.pk, by=None, reason="Losses")
    assert "4 of them were scored under another policy" in words(auditor.get(PAGE, PROPOSED))


def test_without_numbers_the_page_shows_those_in_force(auditor, stored):
    text = words(auditor.get(PAGE))
    assert "These numbers are in force" in text
    assert "scored under another policy" not in text


def test_days_limit_what_is_simulated(auditor, stored):
    days = {"since": "2026-03-03", "until": "2026-03-03"}
    assert "1 of 1 outcomes would change" in words(auditor.get(PAGE, PROPOSED | days))


def test_without_predictions_of_that_time_the_page_says_so(auditor, stored):
    assert "No predictions in this period." in words(auditor.get(PAGE, {"since": "2027-01-01"}))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"threshold": "200"}, "'200' is not a percentage"),
        ({"threshold": "50", "refer_low": "40"}, "Enter both ends of the refer band"),
        ({"newest": "5"}, "'5' is not one of 1000, 10000, 100000, all."),
        ({"since": "2026-02-30"}, "is not a date such as 2026-03-03"),
        ({"since": "2026-03-03", "until": "2026-03-02"}, "This date is before the first date"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_field(auditor, query, said):
    reply = auditor.get(PAGE, query)
    assert (reply.status_code, said in words(reply)) == (422, True)


@pytest.mark.parametrize("address", [PAGE, FILE])
def test_what_was_typed_is_kept_and_runs_nothing(auditor, address):
    reply = auditor.get(address, {"threshold": '"><b>', "since": "2026-02-30"})
    assert reply.status_code == 422
    assert 'value="&quot;&gt;&lt;b&gt;"' in reply.content.decode()
    assert 'value="2026-02-30"' in reply.content.decode()


def test_flipped_cases_link_to_their_page_for_those_who_may_open_it(auditor, client_of, stored):
    link = f'href="/predictions/{stored[2].pk}/"'
    assert link in auditor.get(PAGE, PROPOSED).content.decode()
    assert link not in client_of(Role.MODEL_MANAGER).get(PAGE, PROPOSED).content.decode()


def test_numbers_lead_to_the_form_that_adopts_them(client_of, stored):
    manager = client_of(Role.MODEL_MANAGER)
    assert (
        'formaction="/policies/change/" name="rows" value="keep"'
        in manager.post(PAGE, PROPOSED).content.decode()
    )
    form = manager.post("/policies/change/", PROPOSED | {"rows": "keep"}).content.decode()
    assert [f'value="{entry}"' in form for entry in PROPOSED.values()] == [True] * 3
    assert "checked" not in form


def test_looking_is_on_record(auditor, stored):
    auditor.get(PAGE, PROPOSED | {"until": "2026-03-09"})
    seen = AuditRecord.objects.get(action="policy simulation")
    asked = {"threshold": 0.7, "refer_low": 0.6, "refer_high": 0.75, "refer_gaps": False}
    asked |= {"remarks": "refer", "rules": [], "limit_amount": None, "since": None}
    asked |= {"in_force": Policy.objects.newest().pk, "newest": 10_000, "until": "2026-03-10T00:00:00+00:00"}
    assert (seen.by, seen.detail) == (auditor.user, asked | {"cases": 2})


def test_the_file_lists_every_flip_and_runs_no_formula(auditor, stored):
    reply = auditor.get(FILE, PROPOSED | {"newest": "all"})
    newer, older = csv.DictReader(io.StringIO(b"".join(reply.streaming_content).decode(), newline=""))
    assert (newer["Loan_ID"], newer["approval_probability"]) == ("LP2", "0.65")
    assert (newer["outcome_in_force"], newer["outcome_proposed"]) == ("approved", "refer")
    assert (older["Loan_ID"], older["outcome_in_force"], older["outcome_proposed"]) == (
        "'=1+1", "refer", "denied",
    )  # fmt: skip


def test_the_file_is_on_record_before_its_first_line_and_after_its_last(auditor, stored):
    reply = auditor.get(FILE, PROPOSED)
    assert [record.action for record in AuditRecord.objects.all()][:1] == ["policy simulation download"]
    list(reply.streaming_content)
    ended = AuditRecord.objects.get(action="policy simulation download ended")
    assert (ended.detail["cases"], ended.detail["newest"]) == (2, 10_000)


def test_the_page_takes_the_same_queries_however_many_rows(auditor, stored, django_assert_max_num_queries):
    facts = Prediction.objects.values().order_by("pk")[2]
    del facts["id"]
    Prediction.objects.bulk_create(Prediction(**facts) for _ in range(200))
    with django_assert_max_num_queries(13):  # one of them once a second
        page = auditor.get(PAGE, PROPOSED)
    assert "The newest 50 of 202 are listed. The CSV has all." in words(page)
