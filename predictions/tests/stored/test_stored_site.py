"""Databases and artefacts of earlier commits: migrated, all that they hold is shown, and works, as before."""

import csv
import io
import json
import re
import unicodedata
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from predictions.models import ArtefactFile, Batch, Claim, KeptAnswer, Policy, Prediction
from predictions.tests.helpers.batches import lines
from predictions.tests.helpers.pages import words
from predictions.tests.helpers.queue import carry_out_queue
from predictions.tests.stored.conftest import STORED, THEN

URL = "/api/v1/predictions/"
SCORECARD, FOREST, CANDIDATE = 1, 2, 3  # versions: active, retired, candidate
WAITING = ["FORM-CLAIMED", "FORM-WAITS", "OPEN", "CLOSE", "GAPS", "AGAIN-WAITS"]

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("site"), pytest.mark.django_db]


def run(*arguments, **options):
    out = io.StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def newest(loan_id):
    return Prediction.objects.filter(loan_id=loan_id).first()


def page_of(client, loan_id, part=""):
    return words(client.get(f"/predictions/{newest(loan_id).pk}/{part}"))


def every(api, address):
    """Return the rows of all pages of a list."""
    rows = []
    while address:
        page = api.get(address).json()
        rows, address = rows + page["results"], page["next"]
    return rows


def as_then(now, then):
    """Return what a reply says now under the names that it had then."""
    return {name: now[name] for name in then}


def loan_ids(reply):
    return re.findall(r'class="loan-id">.*?<bdi>(.*?)</bdi>', reply.content.decode(), re.DOTALL)


def serving(api):
    """Score a typical application; return the version that did, and the probability."""
    row = api.post(URL, THEN["kept"]["body"]).json()
    return row["model_version"], row["approval_probability"]


def batch_rows(api, name):
    """Return the rows of a file of the finished batch, of now and of then."""
    batch = THEN["batch"]
    reply = api.get(f"/api/v1/batches/{batch['said']['id']}/{name}.csv")
    return [[*csv.DictReader(text)] for text in (lines(reply), batch[name].splitlines())]


def by_version(loan_id):
    """Return the probabilities that an application was given then, by version."""
    rows = [row for row in THEN["predictions"] if row["Loan_ID"] == loan_id]
    return {row["model_version"]: row["approval_probability"] for row in rows}


def test_no_stored_file_is_larger_than_300_kb():
    assert max(path.stat().st_size for path in STORED.rglob("*")) < 300_000


def test_no_migration_is_left_to_do():
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


def test_the_api_says_of_every_prediction_what_it_said_then(reviewers_api):
    rows = every(reviewers_api, URL)
    for row in rows:  # notices about the model, which have no column, came later
        row["warnings"] = [warning for warning in row["warnings"] if warning["attr"]]
    assert [as_then(*pair) for pair in zip(rows, THEN["predictions"], strict=True)] == THEN["predictions"]


def test_the_api_says_of_every_decision_what_it_said_then(reviewers_api):
    for prediction, decisions in THEN["decisions"].items():
        now = every(reviewers_api, f"{URL}{prediction}/decisions/")
        assert [as_then(*pair) for pair in zip(now, decisions, strict=True)] == decisions


def test_the_api_says_of_every_applicant_what_it_said_then(reviewers_api):
    assert every(reviewers_api, "/api/v1/applicants/") == THEN["applicants"]


def test_every_prediction_has_a_page_with_its_probability_and_reasons(reviewer):
    for then in THEN["predictions"]:
        page = words(reviewer.get(f"/predictions/{then['id']}/"))
        assert f"{100 * then['approval_probability']:.1f}" in page
        assert all(reason["text"] in page for reason in then["reasons"])


def test_the_history_lists_every_prediction(reviewer):
    _, *rows = lines(reviewer.get("/history.csv"))
    assert [int(row.split(",")[0]) for row in rows] == [then["id"] for then in THEN["predictions"]]


def test_a_loan_id_that_was_stored_decomposed_is_found_by_its_composed_form(reviewer):
    stored = unicodedata.normalize("NFD", "CAFÉ-1")
    reply = reviewer.get("/history/", {"loan_id": unicodedata.normalize("NFC", stored)})
    assert loan_ids(reply) == [stored]


def test_a_replay_reproduces_every_prediction_of_every_version_exactly():
    said = run("replay", str(SCORECARD))
    for version in (SCORECARD, FOREST):
        count = sum(then["model_version"] == version for then in THEN["predictions"])
        proof = rf"version {version}: reproduced; {count} predictions, largest difference 0, 0 outcomes"
        assert re.search(proof, said)


def test_a_replay_with_the_candidate_gives_the_figures_that_it_gave_then():
    figures = [
        re.findall(r"[-+]?\d[\d.,]*", text) for text in (run("replay", str(CANDIDATE)), THEN["replay"])
    ]
    assert figures[0] == figures[1]


def test_the_active_version_scores_as_it_did_then(api):
    assert serving(api) == (SCORECARD, by_version("TYPICAL")[SCORECARD])


def test_the_retired_forest_can_be_activated_and_scores_as_it_did_then(api):
    run("activate_model", str(FOREST), reason="The article's model again")
    assert serving(api) == (FOREST, by_version("TYPICAL")[FOREST])


def test_the_candidate_can_be_activated(manager, api):
    reply = manager.post(f"/models/{CANDIDATE}/activate/", {"reason": "Fewer rows"})
    assert (reply.status_code, serving(api)[0]) == (302, CANDIDATE)


def test_a_version_of_then_remarks_on_values_that_its_training_file_has_not(api):
    row = json.loads(THEN["kept"]["body"]) | {"Loan_ID": "REMARKED-NOW", "LoanAmount": 9}
    remarks = api.post(URL, row).json()["warnings"]
    assert ("outside_training_range", "LoanAmount") in [(said["code"], said["attr"]) for said in remarks]


def test_the_artefact_of_every_version_is_copied_into_the_database():
    assert {pk: ArtefactFile.objects.filter(version=pk).count() for pk in range(1, 4)} == {1: 3, 2: 3, 3: 3}


@pytest.mark.parametrize(
    "page",
    [
        *("", "timeline/", "training/", "training/2/", "1/", "2/", "3/", "1/scorecard/", "1/evaluation/"),
        *("2/evaluation/", "1/card/", "2/card/", "3/replay/"),
    ],
)
def test_the_pages_of_stored_models_open(manager, page):
    assert manager.get(f"/models/{page}").status_code == 200


def test_the_timeline_names_the_reason_of_every_activation(manager):
    page = words(manager.get("/models/timeline/"))
    assert "The article's model for a day" in page
    assert "Back to the scorecard" in page


def test_a_policy_follows_that_keeps_the_numbers_and_heeds_remarks():
    last, before = Policy.objects.order_by("-pk")[:2]
    numbers = ("threshold", "refer_low", "refer_high", "refer_gaps")
    assert [getattr(last, name) for name in numbers] == [getattr(before, name) for name in numbers]
    assert (last.remarks, before.remarks) == ("refer", "ignore")


def test_the_queue_shows_what_waits_oldest_first(reviewer):
    assert loan_ids(reviewer.get("/queue/")) == WAITING


def test_the_desk_shows_what_waits(reviewer):
    page = words(reviewer.get("/"))
    assert all(loan_id in page for loan_id in WAITING[:5])


def test_a_claim_of_then_still_holds_its_case(reviewer, officer):
    assert loan_ids(reviewer.get("/queue/?show=mine")) == ["FORM-CLAIMED"]
    case = newest("FORM-CLAIMED")
    assert (
        officer.post(f"/predictions/{case.pk}/decide/", {"verdict": "denied", "after": "0"}).status_code
        != 303
    )


def test_a_claim_ends_where_a_newer_prediction_was_decided():
    claim = Claim.objects.get(prediction__loan_id="AGAIN-DECIDED")
    assert claim.ended_by.username == "officer"


def test_a_waiting_case_of_then_can_be_decided(officer):
    case = newest("AGAIN-WAITS")
    officer.post(f"/predictions/{case.pk}/decide/", {"verdict": "approved", "after": "0"})
    assert case.decisions.get().override is False
    assert "AGAIN-WAITS" not in loan_ids(officer.get("/queue/"))


def test_a_decision_against_the_advice_is_still_one_and_says_why(reviewer):
    assert newest("FORM-OVERRIDDEN").decisions.get().override
    assert "The bank statement shows the old debt as paid in full." in page_of(reviewer, "FORM-OVERRIDDEN")


def test_a_letter_of_then_is_kept_without_the_note_for_colleagues(officer):
    letter = page_of(officer, "FORM-DENIED", "notice/print/")
    assert "Please call us." in letter
    assert "autumn" not in letter
    assert "The employer closes its site in autumn." in page_of(officer, "FORM-DENIED")


def test_a_call_with_its_key_of_then_gets_its_answer_of_then(api):
    KeptAnswer.objects.update(at=timezone.now() - timedelta(hours=1))  # an answer is kept for a day
    before = Prediction.objects.count()
    kept = THEN["kept"]
    reply = api.post(URL, kept["body"], key=kept["key"])
    assert (reply.status_code, reply.content.decode()) == (201, kept["reply"])
    assert (reply["Idempotent-Replay"], Prediction.objects.count()) == ("true", before)


def test_the_article_endpoint_answers_as_it_did_then(api):
    row = json.loads(THEN["kept"]["body"]) | {"Loan_ID": "ARTICLE"}
    assert api.post("/predict", [row]).json() == THEN["article"]


def test_a_finished_batch_is_told_of_as_then(api):
    said = THEN["batch"]["said"]
    assert as_then(api.get(f"/api/v1/batches/{said['id']}/").json(), said) == said


def test_a_finished_batch_gives_the_results_that_it_gave_then(api):
    rows, then = batch_rows(api, "results")
    assert [as_then(*pair) for pair in zip(rows, then, strict=True)] == then


def test_a_finished_batch_gives_the_faults_that_it_gave_then(api):
    rows, then = batch_rows(api, "errors")
    for row in rows + then:  # how a value is quoted in a sentence for spreadsheets has changed
        row["expectation"] = row["expectation"].lstrip("'")
    assert rows == then


def test_a_batch_that_was_queued_then_is_carried_out(api):
    assert carry_out_queue() == 1
    batch = Batch.objects.get(pk=THEN["waiting_batch"])
    assert (batch.status, batch.model_version_id) == ("finished", SCORECARD)
    assert newest("BATCH-LATER").source == "batch"


def test_an_application_of_then_that_is_scored_again_leaves_its_case_outdated(api, reviewer):
    case = newest("KEPT")
    serving(api)
    assert (
        f"Open the newest prediction, {newest('KEPT').pk}"
        in reviewer.get(f"/predictions/{case.pk}/").content.decode()
    )
