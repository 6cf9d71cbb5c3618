"""A row with a remark is approved by no door; the reply says why, and a person decides."""

import csv
import importlib
import io
import json
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from ml.products.loan_prediction.sample import write_sample
from predictions.live import active_model
from predictions.live.process_state import reset_process_state
from predictions.models import AuditRecord, ModelVersion, Policy, Prediction, Referral
from predictions.roles import Role
from predictions.services.policies import policies
from predictions.services.versions import training_files
from predictions.services.versions.replay import Replay, collect_flips
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.batches import finished, lines, table
from predictions.tests.helpers.pages import words

URL = "/api/v1/predictions/"
# Likely slips: a term in years, an amount that is not in thousands, an income in thousands.
SLIPS = {
    "term": {
        "ApplicantIncome": 70_000,
        "LoanAmount": 128_000,
        "Loan_Amount_Term": 30,
        "Property_Area": "Semiurban",
    },
    "amount": {"ApplicantIncome": 5_849, "LoanAmount": 1_000_000},
    "income": {"ApplicantIncome": 4.1, "CoapplicantIncome": 900},
    "joint income": {"CoapplicantIncome": 4.1},
    "nobody earns": {"ApplicantIncome": 0, "CoapplicantIncome": 0},
    "training range": {"CoapplicantIncome": 24_999, "LoanAmount": 900, "ApplicantIncome": 24_999},
}


@pytest.fixture
def api(active_version, user_with):
    return ApiClient(user_with(Role.REVIEWER))


@pytest.fixture
def rows(application):
    """A slip of each kind, then an ordinary row."""
    slips = [application | {"Loan_ID": name} | slip for name, slip in SLIPS.items()]
    return [*slips, application]


def adopt(**numbers):
    newest = Policy.objects.newest()
    return policies.adopt_policy(policy=Policy(**numbers), replaces=newest.pk, by=None, reason="Agreed")


def dicts(text_lines):
    return list(csv.DictReader(io.StringIO("\n".join(text_lines))))


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
def test_an_object_with_a_remark_is_referred_with_the_remark_as_its_cause(api, application, slip):
    reply = api.post(URL, application | slip).json()
    assert (reply["approved"], reply["outcome"]) == (False, "refer")
    remarks = [f"remark:{warning['code']}" for warning in reply["warnings"] if warning["attr"]]
    assert [cause["code"] for cause in reply["causes"] if cause["code"] != "gap"] == remarks != []
    assert Referral.objects.filter(prediction=reply["id"]).exists()


def test_an_array_refers_its_rows_with_remarks_and_no_other(api, rows):
    whole, (first, *_) = (
        api.post(URL, rows).json()["predictions"],
        api.post(URL, rows[:1]).json()["predictions"],
    )
    assert [row["outcome"] for row in whole] == ["refer"] * len(SLIPS) + ["approved"]
    assert [row["approved"] for row in whole] == [False] * len(SLIPS) + [True]
    assert (first["causes"], whole[-1]["causes"]) == (whole[0]["causes"], [])


def test_what_was_posted_is_what_is_read_later(api, rows):
    posted = api.post(URL, rows).json()["predictions"]
    assert api.get(URL).json()["results"][::-1] == posted


def test_the_article_s_endpoint_sends_0_for_a_row_with_a_remark(api, rows):
    sent = json.loads(api.post("/predict", rows).json()["predictions"])
    assert [row["1"] for row in sent] == [0] * len(SLIPS) + [1]


def test_a_denial_with_a_remark_refers_too(api, application):
    reply = api.post(URL, application | {"Credit_History": 0, "Loan_Amount_Term": 30}).json()
    assert (reply["approval_probability"] < 0.5, reply["outcome"]) == (True, "refer")


def test_no_income_of_the_applicant_refers_only_where_nobody_else_earns(api, application):
    reply = api.post(URL, application | {"ApplicantIncome": 0, "CoapplicantIncome": 5_000}).json()
    assert "no_applicant_income" in [warning["code"] for warning in reply["warnings"]]
    assert (reply["outcome"], reply["causes"]) == ("approved", [])


def test_a_policy_may_ignore_remarks_and_predictions_keep_what_theirs_said(api, application):
    slip = application | SLIPS["joint income"]
    referred = api.post(URL, slip).json()
    adopt(threshold=0.5, remarks="ignore")
    ignored = api.post(URL, slip).json()
    assert (ignored["outcome"], ignored["approved"], ignored["causes"]) == ("approved", True, [])
    assert ignored["warnings"] == referred["warnings"]
    assert api.get(f"{URL}{referred['id']}/").json()["causes"] == referred["causes"]


def test_approving_a_row_with_a_remark_is_an_override_and_denying_it_is_none(api, application):
    decisions = f"{URL}{api.post(URL, application | SLIPS['joint income']).json()['id']}/decisions/"
    assert attributes(api.post(decisions, {"verdict": "approved"})) == ["code", "note"]
    assert attributes(api.post(decisions, {"verdict": "denied"})) == ["code"]  # above the threshold
    assert api.post(decisions, {"verdict": "denied", "code": "new_document"}).json()["override"] is False


def attributes(refused):
    assert refused.status_code == 400
    return sorted(fault["attr"] for fault in refused.json()["errors"])


def test_every_reply_names_a_synthetic_model_once_and_refers_nothing_for_it(api, application):
    one, [many] = api.post(URL, application).json(), api.post(URL, [application]).json()["predictions"]
    for reply in (one, many, api.get(URL).json()["results"][0]):
        assert [(w["code"], w["attr"]) for w in reply["warnings"]] == [("synthetic_model", None)]
        assert reply["outcome"] == "approved"
    assert Prediction.objects.first().warnings == []


def test_a_model_of_real_data_calls_for_no_notice(api, application):
    ModelVersion.objects.update(synthetic=False)
    active_model.current().manifest["data"]["synthetic"] = False
    posted = api.post(URL, application).json()
    assert posted["warnings"] == [] == api.get(f"{URL}{posted['id']}/").json()["warnings"]


def test_a_batch_names_causes_and_remarks_and_counts_them(api):
    ok, slip = (
        "Male,Yes,0,Graduate,No,5720,0,110,360,1,Urban",
        "Male,Yes,0,Graduate,No,5720,4.1,110,360,1,Urban",
    )
    content = table("OK", row=ok) + table("SLIP", row=slip).split(b"\n", 1)[1]
    batch = finished(api, content)
    good, bad = dicts(lines(api.get(f"/api/v1/batches/{batch['id']}/results.csv")))
    assert (good["approved"], good["outcome"], good["causes"], good["remarks"]) == ("1", "approved", "", "")
    assert (bad["approved"], bad["outcome"], bad["causes"]) == ("0", "refer", "remark:unusual_value")
    assert bad["remarks"] == "unusual_value: CoapplicantIncome"
    assert batch["remarked"] == 1


@pytest.mark.parametrize("processes", [1, 2])
def test_the_score_command_refers_rows_with_remarks_as_a_batch_does(api, tmp_path, processes):
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    slip = "Male,Yes,0,Graduate,No,5720,4.1,110,360,1,Urban"
    text = table(*map(str, range(30))) + table(*map(str, range(30, 60)), row=slip).split(b"\n", 1)[1]
    source.write_bytes(text)
    call_command("score", input=source, output=output, processes=processes)
    rows = dicts(output.read_text().splitlines())
    assert [row["outcome"] for row in rows] == ["approved"] * 30 + ["refer"] * 30
    assert {(row["approved"], row["causes"]) for row in rows[30:]} == {("0", "remark:unusual_value")}
    assert {row["remarks"] for row in rows[30:]} == {"unusual_value: CoapplicantIncome"}


def test_the_form_leads_to_a_case_whose_remarks_stand_above_the_decision(client_of, active_version, entries):
    officer = client_of(Role.OFFICER)
    text = words(officer.post("/score/", entries | {"coapplicant_income": "4.1"}, follow=True))
    assert (
        text.index("Check this value first")
        < text.index("Approval probability")
        < text.index("Your decision")
    )
    assert "Co-applicant's income: 4.1 is unusual" in text
    assert "Follows the threshold, but a value has a remark: give a reason and a note" in text


def test_what_if_approves_no_values_with_a_remark(client_of, active_version, entries):
    officer = client_of(Role.OFFICER)
    officer.post("/score/", entries)
    address = f"/predictions/{Prediction.objects.get().pk}/what-if/"
    live = officer.post(address, entries | {"loan_amount_term": "30"}, headers={"HX-Request": "true"})
    assert "Model: a person decides" in words(live)
    assert "Term of the loan: 30 is unusual" in words(live)


def test_history_and_queue_say_that_a_remark_refers(client_of, api, application):
    api.post(URL, application | SLIPS["joint income"])
    reviewer = client_of(Role.REVIEWER, "zoe")
    assert "Model: a person decides remark" in words(reviewer.get("/history/"))
    assert "Check the co-applicant's income" in words(reviewer.get("/queue/"))


def test_the_simulator_counts_what_remarks_refer(client_of, api, rows):
    api.post(URL, rows)
    auditor = client_of(Role.AUDITOR)
    text = words(
        auditor.get("/policies/simulator/", {"threshold": "50", "refer_gaps": "on", "remarks": "ignore"})
    )
    assert f"{len(SLIPS)} of these predictions have a remark about a value" in text
    assert "In force: refer. Proposed: do not refer." in text


def test_a_replay_reproduces_what_remarks_referred(api, active_version, rows):
    api.post(URL, rows)
    replay = Replay(candidate=active_version)
    assert collect_flips(replay, 10) == []
    assert [proof.passes for proof in replay.proofs] == [True]


def test_an_older_version_s_training_values_are_read_from_its_kept_file(
    api, application, active_version, tmp_path
):
    path = tmp_path / "sample.csv"
    write_sample(path)
    training_files.store_training_file(name=path.name, content=path.read_bytes(), by=None)
    model = active_model.open_version(active_version)
    del model.manifest["report"]["values"]  # as an artefact of a version before this one
    ModelVersion.objects.update(report={})
    old = active_model.as_active(ModelVersion.objects.get(), model)
    columns = {name: [value] for name, value in application.items()} | {"LoanAmount": [999.0]}
    assert "outside_training_range" in [remark["code"] for remark in old.remarks(columns)[0]]
    assert ModelVersion.objects.get().report["values"]["LoanAmount"][1] < 999


def test_an_older_version_without_its_file_says_nothing_of_training(active_version, application):
    model = active_model.open_version(active_version)
    del model.manifest["report"]["values"]
    ModelVersion.objects.update(report={})
    old = active_model.as_active(ModelVersion.objects.get(), model)
    columns = {name: [value] for name, value in application.items()}
    assert old.remarks(columns | {"LoanAmount": [999.0]}) == {}


def migration():
    return importlib.import_module("predictions.migrations.0023_remarks_refer")


def test_a_site_with_predictions_gets_a_policy_of_its_own_and_can_go_back(api, application):
    Policy.objects.update(remarks="ignore", threshold=0.6)  # as a site of the version before
    api.post(URL, application)
    editor = SimpleNamespace(connection=connection, execute=connection.cursor().execute)
    migration().heed_remarks(apps, editor)
    newest = Policy.objects.newest()
    assert (newest.remarks, newest.threshold, newest.by) == ("refer", 0.6, None)
    assert newest.previous.remarks == "ignore"
    assert newest.pk in [found.detail["policy"] for found in AuditRecord.objects.filter(action="policy")]
    migration().take_back(apps, editor)
    assert [policy.remarks for policy in Policy.objects.all()] == ["ignore"]


def test_a_site_that_went_back_and_forth_reproduces_what_each_version_scored(api, active_version, rows):
    editor = SimpleNamespace(connection=connection, execute=connection.cursor().execute)
    api.post(URL, rows)
    migration().take_back(apps, editor)
    Policy.objects.update(remarks="ignore")  # the field goes, and comes back with this value
    reset_process_state()
    api.post(URL, [row | {"Loan_ID": f"B{n}"} for n, row in enumerate(rows)])
    migration().heed_remarks(apps, editor)
    assert [policy.remarks for policy in Policy.objects.order_by("pk")] == ["refer", "ignore", "refer"]
    replay = Replay(candidate=active_version)
    collect_flips(replay, 0)
    assert [proof.passes for proof in replay.proofs] == [True]


def test_a_fresh_site_starts_with_remarks_that_refer(db):
    assert [(policy.remarks, policy.threshold) for policy in Policy.objects.all()] == [("refer", 0.5)]
