"""The history as a file: exactly what the page lists, safe to open, and on record."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from ml.applications.records import read_json_row
from ml.products.loan_prediction.schema import built_in
from ml.scorecard.outcomes import cause_codes, remark_codes
from ml.tables.safe_csv import unescape_formula
from predictions.models import AuditRecord, Prediction
from predictions.roles import Role
from predictions.services.cases import decisions, history_export
from predictions.services.scoring import scoring
from predictions.tests.helpers.pages import words
from predictions.words.times import site_time

SCHEMA = built_in()

URL = "/history.csv"


@pytest.fixture
def rows(active_version, user_with, application):
    loan_ids = {"=1+1": 1, "LP2": 0, "LP3": 1}
    records = [
        read_json_row(
            SCHEMA, application | {"Loan_ID": loan_id, "Credit_History": history, "LoanAmount": None}
        )
        for loan_id, history in loan_ids.items()
    ]
    facts = {"source": Prediction.Source.API, "request_id": "r"}
    scoring.score_records(owner=user_with(Role.OFFICER), records=records, **facts)


@pytest.fixture
def auditor(client_of):
    return client_of(Role.AUDITOR)


def table_of(reply):
    text = b"".join(reply.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_file_holds_every_fact_of_a_prediction(rows, auditor, application):
    [line] = table_of(auditor.get(f"{URL}?loan_id=LP2"))
    stored = Prediction.objects.get(loan_id="LP2")
    assert [*line][:3] == ["id", "Loan_ID", "created_at"]
    assert [*line][10:21] == [*SCHEMA.columns]
    assert (line["id"], line["Loan_ID"], line["outcome"]) == (str(stored.pk), "LP2", "denied")
    assert float(line["approval_probability"]) == stored.approval_probability
    assert (line["threshold"], line["refer_low"], line["policy"]) == ("0.5", "", str(stored.policy_id))
    assert float(line["ApplicantIncome"]) == application["ApplicantIncome"]
    assert [feature.column for feature in SCHEMA.features if feature.column not in line] == []
    assert "does not meet the guidelines (-" in line["reasons"]
    assert (line["LoanAmount"], line["decision"]) == ("", "")
    assert (line["scored_by"], line["source"], line["request_id"]) == ("officer", "api", "r")


def test_the_newest_decision_stands_in_its_line(rows, auditor, user_with):
    reviewer = user_with(Role.REVIEWER)
    denied = Prediction.objects.select_related("policy").get(loan_id="LP2")
    why = {"code": "new_document", "note": "=SUM(A1) of income", "applicant_text": "You may call us."}
    decisions.decide(prediction=denied, by=reviewer, verdict="denied")
    decisions.decide(prediction=denied, by=reviewer, verdict="approved", **why)
    [line] = table_of(auditor.get(f"{URL}?decision=approved"))
    assert (line["decision"], line["override"], line["decision_code"]) == ("approved", "yes", "new_document")
    assert line["applicant_text"] == "You may call us."
    assert (line["decision_note"], line["decided_by"]) == ("'=SUM(A1) of income", "reviewer")


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"])
def test_times_are_those_of_the_site_also_when_its_clocks_change(rows, auditor, settings, zone):
    settings.TIME_ZONE = zone
    change = datetime(2026, 10, 3, 15, 30, tzinfo=UTC)  # of Lord Howe Island, by half an hour
    moments = {
        "'=1+1": change - timedelta(microseconds=1),
        "LP2": change,
        "LP3": datetime(2026, 1, 1, tzinfo=UTC),
    }
    for loan_id, moment in moments.items():
        Prediction.objects.filter(loan_id=loan_id.removeprefix("'")).update(created_at=moment)
    found = {line["Loan_ID"]: line["created_at"] for line in table_of(auditor.get(URL))}
    assert found == {loan_id: site_time(moment).isoformat() for loan_id, moment in moments.items()}


@pytest.mark.parametrize("note", ['a "quoted", one\nand =1', "=SUM(A1) of income", "as told " * 30])
def test_a_note_stands_in_its_line_as_it_is(rows, auditor, user_with, note):
    case = Prediction.objects.select_related("policy").get(loan_id="LP2")
    why = {"code": "new_document", "note": note, "applicant_text": ""}
    decisions.decide(prediction=case, by=user_with(Role.REVIEWER), verdict="approved", **why)
    [line] = table_of(auditor.get(f"{URL}?loan_id=LP2"))
    assert (unescape_formula(line["decision_note"]), line["applicant_text"]) == (note.strip(), "")


def test_a_loan_id_that_is_a_formula_is_none_in_the_file(rows, auditor):
    assert table_of(auditor.get(f"{URL}?sort=oldest"))[0]["Loan_ID"] == "'=1+1"


def test_chunks_follow_each_other_without_gap_or_repeat(rows, auditor, monkeypatch):
    monkeypatch.setattr(history_export, "CHUNK_ROWS", 2)
    assert [line["Loan_ID"] for line in table_of(auditor.get(URL))] == ["LP3", "LP2", "'=1+1"]


def test_an_order_without_an_index_is_kept_from_one_lookup_to_the_next(rows, auditor, monkeypatch):
    monkeypatch.setattr(history_export, "KEYS_AT_ONCE", 1)
    by_probability = Prediction.objects.order_by("approval_probability", "pk")
    ids = [str(pk) for pk in by_probability.values_list("pk", flat=True)]
    assert [line["id"] for line in table_of(auditor.get(f"{URL}?sort=lowest"))] == ids


def test_causes_and_remarks_are_those_of_the_page(active_version, auditor, user_with, application):
    changes = ({}, {"LoanAmount": None}, {"CoapplicantIncome": 4.1}, {"Credit_History": None})
    records = [
        read_json_row(SCHEMA, application | change | {"Loan_ID": f"LP{number}"})
        for number, change in enumerate(changes)
    ]
    facts = {"source": Prediction.Source.API, "request_id": "r"}
    scoring.score_records(owner=user_with(Role.OFFICER), records=records, **facts)
    stored = Prediction.objects.select_related("policy").order_by("-pk")
    expected = [(cause_codes(row.causes), remark_codes(row.warnings)) for row in stored]
    assert [(line["causes"], line["remarks"]) for line in table_of(auditor.get(URL))] == expected
    assert {"", "remark:unusual_value"} <= {causes for causes, _ in expected}


def test_it_is_on_record_before_its_first_line_and_after_its_last(rows, auditor):
    reply = auditor.get(f"{URL}?outcome=denied&source=")
    before = AuditRecord.objects.first()
    asked = {"filters": {"outcome": "denied"}}
    assert (before.action, before.by, before.detail) == ("history download", auditor.user, asked)
    table_of(reply)
    assert AuditRecord.objects.get(action="history download ended").detail == asked | {"cases": 1}


def test_a_bad_value_is_refused_and_nothing_is_on_record(rows, auditor):
    reply = auditor.get(f"{URL}?outcome=maybe")
    assert reply.status_code == 422
    assert "'maybe' is not one of approved, denied, refer." in words(reply)
    assert not AuditRecord.objects.filter(action__startswith="history").exists()


def test_only_those_who_may_are_offered_the_file_of_what_they_see(rows, auditor, client_of):
    link = 'href="/history.csv?outcome=denied"'
    assert link in auditor.get("/history/?outcome=denied").content.decode()
    assert "history.csv" not in client_of(Role.OFFICER, "zoe").get("/history/").content.decode()
