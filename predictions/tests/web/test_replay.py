"""The page, the file and the command of a replay."""

import csv
import io
import re

import pytest
from django.core.management import CommandError, call_command

from ml.applications.records import read_json_row
from ml.products.loan_prediction.schema import built_in
from predictions.models import AuditRecord, Prediction
from predictions.roles import Role
from predictions.services.scoring import scoring
from predictions.services.versions import registry
from predictions.services.versions.replay import Replay, export_replay
from predictions.tests.helpers.replays import mirrored
from predictions.web.models.replay import MAX_LISTED

SCHEMA = built_in()


@pytest.fixture
def candidate(active_version, trained, user_with, application):
    """A candidate that flips both stored predictions."""
    rows = [application | {"Loan_ID": "=1+1"}, application | {"Loan_ID": "LP2", "Credit_History": 0}]
    records = [read_json_row(SCHEMA, row) for row in rows]
    facts = {"source": Prediction.Source.API, "request_id": "r"}
    scoring.score_records(owner=user_with(Role.OFFICER), records=records, **facts)
    return registry.register(trained=mirrored(trained), by=None)


@pytest.fixture
def manager(client_of):
    return client_of(Role.MODEL_MANAGER)


def text_of(reply):
    return " ".join(re.sub("<[^>]+>", " ", reply.content.decode()).split())


def table_of(reply):
    return list(csv.DictReader(io.StringIO(b"".join(reply.streaming_content).decode(), newline="")))


def test_the_page_says_how_many_outcomes_flip_and_in_which_direction(manager, candidate):
    text = text_of(manager.get(f"/models/{candidate.pk}/replay/"))
    assert "2 of 2 outcomes would change" in text
    assert "Would become denied 1 Would become approved 1 Would be referred 0 Unchanged 0" in text


def test_the_page_shows_both_sets_of_reasons(manager, candidate, active_version):
    text = text_of(manager.get(f"/models/{candidate.pk}/replay/"))
    old = rf"Version {active_version.pk}: deny [\d.]+% .*does not meet the guidelines -\d"
    assert re.search(old + rf".*Version {candidate.pk}: approve", text.replace("\N{MINUS SIGN}", "-"))


def test_the_page_shows_the_proof(manager, candidate, active_version):
    text = text_of(manager.get(f"/models/{candidate.pk}/replay/"))
    assert re.search(rf"Version {active_version.pk} .*Reproduced 2 0 0", text)


def test_the_page_warns_of_its_figures_when_the_proof_fails(manager, candidate):
    Prediction.objects.update(approval_probability=0.3)
    assert "Reproduction check failed" in text_of(manager.get(f"/models/{candidate.pk}/replay/"))


def test_cases_link_to_their_page_for_those_who_may_open_it(manager, client_of, candidate):
    link = f'href="/predictions/{Prediction.objects.first().pk}/"'
    address = f"/models/{candidate.pk}/replay/"
    assert link in client_of(Role.AUDITOR).get(address).content.decode()
    assert link not in manager.get(address).content.decode()


def test_the_page_lists_the_newest_flips_and_says_how_many_there_are(manager, candidate):
    facts = Prediction.objects.values().first()
    del facts["id"]
    Prediction.objects.bulk_create(Prediction(**facts) for _ in range(MAX_LISTED))
    text = text_of(manager.get(f"/models/{candidate.pk}/replay/?newest=all"))
    assert f"The newest {MAX_LISTED} of {MAX_LISTED + 2} are listed. The CSV has all." in text
    assert text.count("threshold 50%") == MAX_LISTED


def test_without_predictions_there_is_nothing_to_replay(manager, active_version):
    reply = manager.get(f"/models/{active_version.pk}/replay/")
    assert "No predictions to replay." in text_of(reply)


@pytest.mark.parametrize("newest", ["0", "-1", "x", "", "100000", "1e3"])
@pytest.mark.parametrize("end", ["replay/", "replay.csv"])
def test_a_number_that_is_no_choice_is_refused_in_words(manager, candidate, newest, end):
    reply = manager.get(f"/models/{candidate.pk}/{end}?newest={newest}")
    assert reply.status_code == 400
    assert "expected one of 100, 1000, 10000, all" in text_of(reply)


@pytest.mark.parametrize("end", ["replay/", "replay.csv"])
def test_an_unknown_version_is_404(manager, active_version, end):
    assert manager.get(f"/models/{10**30}/{end}").status_code == 404


@pytest.mark.parametrize("end", ["replay/", "replay.csv"])
def test_a_version_that_cannot_be_loaded_is_503_with_the_reason(manager, candidate, end, settings, tmp_path):
    settings.ARTEFACTS = tmp_path / "elsewhere"
    reply = manager.get(f"/models/{candidate.pk}/{end}")
    assert reply.status_code == 503
    assert f"Version {candidate.pk} cannot be loaded" in text_of(reply)


def test_the_file_lists_every_flip_with_its_facts(manager, candidate):
    first, second = table_of(manager.get(f"/models/{candidate.pk}/replay.csv"))
    stored = Prediction.objects.first()
    assert (first["id"], first["Loan_ID"]) == (str(stored.pk), "LP2")
    assert (first["old_outcome"], first["new_outcome"]) == ("denied", "approved")
    assert float(first["old_probability"]) == stored.approval_probability
    assert "Credit history: does not meet the guidelines (-" in first["old_reasons"]
    assert "Credit history: does not meet the guidelines (+" in first["new_reasons"]
    assert second["new_outcome"] == "denied"


def test_a_loan_id_that_is_a_formula_is_no_formula_in_the_file(manager, candidate):
    assert table_of(manager.get(f"/models/{candidate.pk}/replay.csv"))[1]["Loan_ID"] == "'=1+1"


def test_a_download_is_on_record_before_its_first_line_and_after_its_last(manager, candidate):
    reply = manager.get(f"/models/{candidate.pk}/replay.csv?newest=100")
    before = AuditRecord.objects.first()
    asked = {"version": candidate.pk, "newest": 100}
    assert (before.action, before.by) == ("replay download", manager.user)
    assert before.detail == asked | {"predictions": 2}
    table_of(reply)
    assert AuditRecord.objects.get(action="replay download ended").detail == asked | {"cases": 2}


def test_a_broken_download_says_how_far_it_came(manager, candidate):
    lines = export_replay(replay=Replay(candidate=candidate), by=manager.user)
    header, first = next(lines), next(lines)
    lines.close()
    assert header.startswith("id,")
    assert first.startswith(f"{Prediction.objects.first().pk},")
    assert AuditRecord.objects.first().detail["cases"] == 1


def test_looking_at_cases_is_on_record(manager, candidate):
    manager.get(f"/models/{candidate.pk}/replay/")
    (seen,) = AuditRecord.objects.filter(action="replay view")
    assert (seen.by, seen.detail) == (manager.user, {"version": candidate.pk, "newest": 1000, "cases": 2})


def run(*arguments):
    out = io.StringIO()
    call_command("replay", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_the_command_prints_summary_and_proof(candidate, active_version):
    said = run(candidate.pk)
    assert "2 of 2 outcomes would change (1 to denied, 1 to approved, 0 to referred), 0 unchanged" in said
    assert f"Predictions of version {active_version.pk}: reproduced; 2 predictions" in said


def test_the_command_writes_the_flips_of_the_newest(candidate, tmp_path):
    path = tmp_path / "flips.csv"
    run(candidate.pk, "--newest", 1, "--output", path)
    assert [row["Loan_ID"] for row in csv.DictReader(io.StringIO(path.read_text()))] == ["LP2"]
    assert AuditRecord.objects.filter(action__startswith="replay download").count() == 2


def test_the_command_fails_when_the_proof_does(candidate):
    Prediction.objects.update(outcome="denied")
    with pytest.raises(CommandError, match="Not all stored predictions were reproduced"):
        run(candidate.pk)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([999], "no version 999; known: "),
        ([1, "--newest", 0], "--newest is 0; expected a whole number from 1"),
    ],
)
def test_the_command_refuses_in_words(candidate, arguments, words):
    with pytest.raises(CommandError, match=words):
        run(*arguments)


def test_the_command_says_when_the_file_cannot_be_written(candidate, tmp_path):
    with pytest.raises(CommandError, match="cannot be written: Is a directory"):
        run(candidate.pk, "--output", tmp_path)
