"""Training as the product does it: asked for in the site, carried out by the worker, told in a row."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from ml.errors import DatasetError
from ml.products.loan_prediction.sample import write_sample
from predictions import tasks
from predictions.errors import Conflict
from predictions.models import Comparison, ModelVersion, TrainingFile, TrainingRun
from predictions.services.versions import training_files, training_runs
from predictions.services.versions import training_runs as training_requests
from predictions.services.versions.training import Cancelled, carry_out_run


@pytest.fixture
def content(tmp_path):
    write_sample(tmp_path / "table.csv", rows=120)
    return (tmp_path / "table.csv").read_bytes()


@pytest.fixture
def run(db, artefacts, content):
    file = training_files.store_training_file(name="table.csv", content=content, by=None)
    return training_runs.create_run(file=file, recipe="scorecard", by=None)


def read(run):
    return TrainingRun.objects.get(pk=run.pk)


def test_a_request_is_queued_for_the_worker(run, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        asked = training_requests.request_training(file=run.file, recipe="article", by=None)
    assert DBTaskResult.objects.get().args_kwargs["args"] == [asked.pk]
    assert asked.status == TrainingRun.Status.QUEUED


def test_the_worker_makes_a_candidate_and_compares_it(run):
    tasks.train.func(run.pk)
    ended = read(run)
    assert (ended.status, ended.version.status) == ("succeeded", ModelVersion.Status.CANDIDATE)
    assert "cross-validating scorecard (50 steps)" in ended.log
    assert Comparison.objects.get().candidate == ended.version


def test_progress_reaches_the_row(run):
    seen = []
    with pytest.raises(Cancelled):
        carry_out_run(run=run, progress=lambda *step: (seen.append(step), training_runs.cancel_run(run=run)))
    assert (read(run).phase, read(run).total) == (seen[0][0], seen[0][2])


def test_a_running_training_is_cancelled_at_its_next_step_and_leaves_nothing(run, artefacts):
    with pytest.raises(Cancelled):
        carry_out_run(run=run, progress=lambda *step: training_runs.cancel_run(run=run))
    assert (read(run).status, ModelVersion.objects.count(), artefacts.exists()) == ("cancelled", 0, False)


def test_a_queued_training_is_cancelled_at_once_and_never_begins(run):
    training_runs.cancel_run(run=run)
    tasks.train.func(run.pk)
    assert (read(run).status, read(run).started_at) == ("cancelled", None)


def test_a_finished_training_cannot_be_cancelled(run):
    training_runs.finish_run(run=run, status=TrainingRun.Status.FAILED)
    with pytest.raises(Conflict, match="already finished"):
        training_runs.cancel_run(run=run)


def test_a_failure_is_told_in_words(run):
    training_files.training_file_path(run.file.digest).unlink()
    tasks.train.func(run.pk)
    assert (read(run).status, "No such file" in read(run).error) == ("failed", True)


def test_one_training_runs_at_a_time_and_the_next_one_waits(run):
    training_runs.start_run(run=run)
    waiting = training_runs.create_run(file=run.file, recipe="scorecard", by=None)
    tasks.train.func(waiting.pk)
    assert read(waiting).status == TrainingRun.Status.QUEUED
    assert DBTaskResult.objects.get().args_kwargs["args"] == [waiting.pk]


def test_a_training_whose_worker_was_killed_makes_room_for_the_next(run):
    training_runs.start_run(run=run)
    long_ago = timezone.now() - timedelta(hours=1)
    TrainingRun.objects.update(heartbeat_at=long_ago)
    training_runs.start_run(run=training_runs.create_run(file=run.file, recipe="scorecard", by=None))
    assert "stopped unexpectedly" in read(run).error


def test_a_bad_file_is_refused_with_its_line_and_nothing_is_kept(db, artefacts, content):
    first, second, *rest = content.split(b"\n")
    bad = b"\n".join([first, second.replace(b"Graduate", b"Moon"), *rest])
    with pytest.raises(DatasetError, match=r"line 2, column Education, value '.*Moon'"):
        training_files.store_training_file(name="x.csv", content=bad, by=None)
    assert not TrainingFile.objects.exists()
    assert not training_files.training_file_path("x").parent.exists()


def test_equal_files_are_one(run, content):
    assert training_files.store_training_file(name="again.csv", content=content, by=None) == run.file


@pytest.mark.slow
def test_the_worker_asks_for_units_of_its_own_and_writes_down_who_was_believed(run, content):
    lines = [line.split(b",") for line in content.splitlines()]
    place = lines[0].index(b"Loan_Amount_Term")
    terms = [b",".join([*line[:place], b"30", *line[place + 1 :]]) for line in lines[1:]]
    training_files.training_file_path(run.file.digest).write_bytes(b"\n".join([b",".join(lines[0]), *terms]))
    tasks.train.func(run.pk)
    assert "--confirm Loan_Amount_Term" in read(run).error
    again = training_runs.create_run(
        file=run.file, recipe="scorecard", by=None, confirmed=["Loan_Amount_Term"]
    )
    tasks.train.func(again.pk)
    assert read(again).version.report["confirmed"][0]["median"] == 30
