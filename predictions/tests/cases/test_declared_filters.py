"""Every declared filter works at every door that it names: no door can be forgotten."""

import csv
import io
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import parse_qs

import pytest
from django.test import Client

from ml.applications.records import read_json_row
from ml.products.loan_prediction.schema import built_in
from predictions.models import Activation, Batch, BatchChunk, Prediction
from predictions.reading.declared_filters import (
    ACTIVATION_FILTERS,
    APPLICANT_FILTERS,
    LOAN_ID,
    PREDICTION_FILTERS,
)
from predictions.roles import Role
from predictions.services.cases import decisions
from predictions.services.scoring import scoring
from predictions.tests.helpers.pages import table_rows, words
from predictions.web.history import pages

SCHEMA = built_in()

FIRST, LATER = datetime(2026, 3, 1, 23, 30, tzinfo=UTC), datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
VERSION = "the second version's id"
BATCH = "the batch's id"
ONLY_ON_THE_PAGE = ["officer"]


class Example(NamedTuple):
    """How the page and the API are asked for the same rows, and what the page says above them."""

    entry: str
    text: str
    words: str
    loan_ids: list[str]


EXAMPLES = {
    "loan_id": Example("A1", "A1", "Loan ID begins with A1", ["A1"]),
    "outcome": Example("denied", "denied", "Model: deny", ["A2"]),
    "decision": Example("none", "none", "Decision: not decided", ["a1"]),
    "override": Example("yes", "true", "Decided against the advice", ["B1"]),
    "version": Example(VERSION, VERSION, f"Version {VERSION}", ["B1"]),
    "source": Example("api", "api", "Source: API", ["B1"]),
    "batch": Example(BATCH, BATCH, f"Batch {BATCH}", ["a1"]),
    "officer": Example("zoe", "zoe", "Scored by zoe", ["B1"]),
    "since": Example("2026-03-02", "2026-03-02", "From 2 Mar 2026", ["B1", "a1"]),
    "until": Example("2026-03-01", "2026-03-02", "Until 1 Mar 2026", ["A2", "A1"]),
    "probability_min": Example("50", "0.5", "Probability from 50%", ["B1", "a1", "A1"]),
    "probability_max": Example("50", "0.5", "Probability up to 50%", ["A2"]),
    "amount_min": Example("111", "111", "Amount from 111", ["B1"]),
    "amount_max": Example("110", "110", "Amount up to 110", ["a1", "A2", "A1"]),
}
ON_THE_PAGE = [declared for declared in PREDICTION_FILTERS if declared.page]
IN_THE_API = [declared for declared in PREDICTION_FILTERS if declared.api]


def page_name(declared):
    return declared.page


def api_name(declared):
    return declared.api


@pytest.fixture
def rows(active_version, user_with, application):
    """Store A1, A2 and a1 of an officer and B1 of a client, of two days; all but a1 are decided."""
    officer, client = user_with(Role.OFFICER), user_with(Role.API_CLIENT, "zoe")
    for loan_id, history, owner, source, now in (
        ("A1", 1, officer, "form", FIRST),
        ("A2", 0, officer, "form", FIRST),
        ("a1", 1, officer, "form", LATER),
        ("B1", 1, client, "api", LATER),
    ):
        given = {"Loan_ID": loan_id, "Credit_History": history, "LoanAmount": 111 if loan_id == "B1" else 110}
        record = read_json_row(SCHEMA, application | given)
        facts = {"source": Prediction.Source(source), "request_id": "r", "now": now}
        scoring.score_records(owner=owner, records=[record], **facts)


@pytest.fixture
def ids(rows, register):
    """Give some predictions other relations; return the ids that examples name, by what stands for them."""
    version = register()
    Prediction.objects.filter(loan_id="B1").update(model_version=version)
    return {VERSION: str(version.pk), BATCH: str(make_batch(Prediction.objects.get(loan_id="a1")).pk)}


def make_batch(row):
    """Make a prediction one of a batch's."""
    facts = {"owner": row.owner, "model_version": row.model_version, "policy": row.policy}
    batch = Batch.objects.create(**facts, size=1, created_at=LATER, heartbeat_at=LATER, finished_at=LATER)
    place = {"number": 0, "offset": 0, "length": 1, "first_line": 2, "rows": 1, "repeats": []}
    ids = {"first_id": row.pk, "last_id": row.pk}
    chunk = BatchChunk.objects.create(batch=batch, done_at=LATER, **place, **ids)
    Prediction.objects.filter(pk=row.pk).update(source="batch", request_id=chunk.request_id)
    return batch


@pytest.fixture
def auditor(rows, client_of, user_with):
    """Return a browser of somebody who sees every case and may download the history."""
    reviewer, why = user_with(Role.REVIEWER), {"code": "hidden_risk", "note": "The employer closes."}
    stored = {row.loan_id: row for row in Prediction.objects.select_related("policy")}
    decisions.decide(prediction=stored["A1"], by=reviewer, verdict="approved")
    decisions.decide(prediction=stored["A2"], by=reviewer, verdict="denied")
    decisions.decide(prediction=stored["B1"], by=reviewer, verdict="denied", **why)
    return client_of(Role.AUDITOR)


@pytest.fixture
def example(ids):
    """Return a function that returns a filter's example, with ids filled in."""

    def fill_in(declared):
        *texts, loan_ids = EXAMPLES[declared.page]
        for placeholder, pk in ids.items():
            texts = [text.replace(placeholder, pk) for text in texts]
        return Example(*texts, loan_ids)

    return fill_in


@pytest.fixture(scope="module")
def schema(module_database):
    return Client().get("/api/schema/").json()


def listed(reply):
    """Return the Loan_IDs of a page of the API."""
    return [row["Loan_ID"] for row in reply.json()["results"]]


def in_order(schema):
    """Return a JSON schema with the values of its enum in alphabetical order, as they are published."""
    return schema | ({"enum": sorted(schema["enum"])} if "enum" in schema else {})


def test_every_filter_has_an_example_and_every_example_narrows():
    assert set(EXAMPLES) == {declared.page for declared in PREDICTION_FILTERS}
    assert all(0 < len(example.loan_ids) < 4 for example in EXAMPLES.values())


def test_a_filter_that_a_door_has_not_is_meant_to_be_missing_there():
    assert [declared.page for declared in PREDICTION_FILTERS if not declared.api] == ONLY_ON_THE_PAGE
    assert [declared.api for declared in PREDICTION_FILTERS if not declared.page] == []


@pytest.mark.parametrize("declared", ON_THE_PAGE, ids=page_name)
def test_the_page_has_the_field_narrows_by_it_and_says_so(auditor, example, declared):
    asked = example(declared)
    reply = auditor.get("/history/", {declared.page: asked.entry})
    page = reply.content.decode()
    assert f'name="{declared.page}"' in page
    assert f">{declared.label}</label>" in page
    assert [row[0] for row in table_rows(page)[1:]] == asked.loan_ids
    assert f"Remove the filter {asked.words} " in words(page)
    assert 'class="chip" href="?"' in page


@pytest.mark.parametrize("declared", ON_THE_PAGE, ids=page_name)
def test_the_file_holds_the_same_rows(auditor, example, declared):
    asked = example(declared)
    reply = auditor.get("/history.csv", {declared.page: asked.entry})
    lines = csv.DictReader(io.StringIO(b"".join(reply.streaming_content).decode(), newline=""))
    assert [line["Loan_ID"] for line in lines] == asked.loan_ids


@pytest.mark.parametrize("declared", ON_THE_PAGE, ids=page_name)
def test_the_addresses_of_the_file_and_of_every_page_keep_it(auditor, example, declared, monkeypatch):
    monkeypatch.setattr(pages, "PAGE_SIZE", 1)
    asked = example(declared)
    found, query = [], f"?{declared.page}={asked.entry}"
    while query:
        shown = auditor.get(f"/history/{query}").context["history"]
        found += [line.prediction.loan_id for line in shown.lines]
        assert parse_qs(shown.query[1:]) == {declared.page: [asked.entry]}
        query = shown.next
    assert found == asked.loan_ids


@pytest.mark.parametrize("declared", IN_THE_API, ids=api_name)
def test_the_api_lists_the_same_rows_page_by_page(auditor, example, declared):
    asked = example(declared)
    found, address = [], f"/api/v1/predictions/?{declared.api}={asked.text}&page_size=1"
    while address:
        reply = auditor.get(address)
        found += listed(reply)
        address = reply.json()["next"]
    assert found == asked.loan_ids


@pytest.mark.parametrize("declared", APPLICANT_FILTERS, ids=api_name)
def test_the_list_of_applicants_is_narrowed_too(auditor, example, declared):
    asked = example(declared)
    assert listed(auditor.get(f"/api/v1/applicants/?{declared.api}={asked.text}")) == asked.loan_ids


def test_the_timeline_is_narrowed_to_the_moment(auditor, active_version, ids):
    Activation.objects.update(at=FIRST)
    Activation.objects.create(version_id=ids[VERSION], previous=active_version, at=LATER)
    [live_on] = ACTIVATION_FILTERS
    for moment, version in ((FIRST, active_version.pk), (LATER, int(ids[VERSION]))):
        query = {live_on.api: moment.isoformat()}
        reply = auditor.get("/api/v1/models/timeline/", query)
        assert [row["version"] for row in reply.json()["results"]] == [version]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "filters"),
    [
        ("/api/v1/predictions/", PREDICTION_FILTERS),
        ("/api/v1/applicants/", APPLICANT_FILTERS),
        ("/api/v1/models/timeline/", ACTIVATION_FILTERS),
    ],
)
def test_the_schema_publishes_the_filters_of_a_list_and_no_others(schema, path, filters):
    published = {
        parameter["name"]: parameter["schema"] | {"description": parameter.get("description")}
        for parameter in schema["paths"][path]["get"]["parameters"]
        if parameter["name"] not in ("cursor", "page_size")
    }
    declared = {each.api: {"description": None} | each.schema for each in filters if each.api}
    assert {name: in_order(schema) for name, schema in published.items()} == {
        name: in_order(schema) for name, schema in declared.items()
    }


def test_a_box_turns_the_beginning_of_a_loan_id_into_the_whole(auditor):
    assert LOAN_ID.beginning
    for query, expected in (("loan_id=A", ["A2", "A1"]), ("loan_id=A&exact=on", [])):
        page = auditor.get(f"/history/?{query}").content.decode()
        assert [row[0] for row in table_rows(page)[1:]] == expected
