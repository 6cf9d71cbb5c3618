"""Training from the browser: the file, the queue, the progress, the end."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from ml.products.loan_prediction.sample import write_sample
from predictions.models import AuditRecord, TrainingRun
from predictions.roles import Role
from predictions.services.versions import training_files
from predictions.tests.helpers.pages import words

Status = TrainingRun.Status
REFRESH = 'http-equiv="refresh"'
PAGE = "/models/training/"


@pytest.fixture(autouse=True)
def stores(settings, tmp_path, artefacts):
    settings.TRAINING_FILES = tmp_path / "training"


@pytest.fixture
def manager(client_of):
    return client_of(Role.MODEL_MANAGER)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """The bytes of a good training file."""
    path = tmp_path_factory.mktemp("table") / "table.csv"
    write_sample(path)
    return path.read_bytes()


@pytest.fixture
def file(db, table):
    return training_files.store_training_file(name="table.csv", content=table, by=None)


@pytest.fixture
def run_with(file):
    """Make a training run in any state; times are given as seconds ago."""

    def make(**facts):
        now = timezone.now()
        ago = {name: now - timedelta(seconds=facts.pop(name)) for name in list(facts) if name.endswith("_at")}
        return TrainingRun.objects.create(
            **({"file": file, "recipe": "scorecard", "created_at": now} | facts | ago)
        )

    return make


def upload(client, content, *, name="mine.csv", **entries):
    attached = SimpleUploadedFile(name, content, "text/csv")
    return client.post(PAGE, {"recipe": "scorecard", "upload": attached} | entries)


def train(client, content, *, name="mine.csv", **chosen):
    """Upload a table, and train on it as its page shows it."""
    return client.post(upload(client, content, name=name)["Location"], {"train": "1"} | chosen)


def show(client, run):
    return client.get(f"{PAGE}{run.pk}/")


def test_an_uploaded_file_is_kept_and_its_training_queued(manager, table):
    reply = train(manager, table)
    run = TrainingRun.objects.get()
    assert reply["Location"] == f"{PAGE}{run.pk}/"
    assert (run.file.name, run.file.uploaded_by, run.created_by) == ("mine.csv", manager.user, manager.user)


def test_a_training_is_handed_to_the_worker(manager, file, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        manager.post(PAGE, {"recipe": "scorecard", "stored": file.pk})
    assert DBTaskResult.objects.get().args_kwargs["args"] == [TrainingRun.objects.get().pk]


def test_a_run_that_succeeded_leads_to_its_version(manager, run_with, active_version):
    run = run_with(status=Status.SUCCEEDED, version=active_version, started_at=9, finished_at=4)
    assert f"Finished in 5 s. See version {active_version.pk}" in words(show(manager, run))


def test_a_stored_file_is_taken_by_name(manager, file):
    reply = manager.post(PAGE, {"recipe": "article", "stored": file.pk})
    run = TrainingRun.objects.get()
    assert (reply.status_code, run.file, run.recipe, run.status) == (302, file, "article", Status.QUEUED)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\x81\x8d", "UTF-8 text is expected"),
        (b"Loan_ID,Loan_ID\nA,B\n", "The column 'Loan_ID' appears 2 times"),
        (b"", "The submitted file is empty"),
        (b"x" * (8 * 2**20 + 1), "mine.csv has 8.0 MB. The limit is 8 MB."),
    ],
)
def test_what_is_no_training_file_is_refused_in_words(manager, db, content, expected):
    reply = upload(manager, content)
    assert (reply.status_code, expected in words(reply)) == (422, True)
    assert not TrainingRun.objects.exists()


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ({}, "Upload a file or choose a stored file."),
        ({"stored": "999"}, "Select a valid choice"),
        ({"recipe": "neural"}, "Select a valid choice. neural is not one of the available choices"),
    ],
)
def test_a_wish_that_cannot_be_read_is_refused_in_words(manager, db, entries, expected):
    reply = manager.post(PAGE, {"recipe": "scorecard"} | entries)
    assert (reply.status_code, expected in words(reply)) == (422, True)


def test_two_files_at_once_are_one_too_many(manager, file, table):
    assert "not both" in words(upload(manager, table, stored=file.pk))


def test_a_run_that_waits_says_for_whom(manager, run_with):
    fresh = run_with()
    assert "Waiting for a worker." in words(show(manager, fresh))
    old = run_with(created_at=60)
    assert "Ask an operator to start a worker ( python manage.py worker )." in words(show(manager, old))
    running = run_with(status=Status.RUNNING, started_at=9, heartbeat_at=1)
    assert f"Waiting for training {running.pk} to finish." in words(show(manager, old))


def test_a_running_one_shows_phase_steps_bar_time_left_and_log(manager, run_with):
    run = run_with(
        status=Status.RUNNING, phase="searching parameters", done=15, total=60, log="12:00:00 hello\n",
        started_at=45, phase_started_at=40, heartbeat_at=10,
    )  # fmt: skip
    reply = show(manager, run)
    text = words(reply)
    assert "Searching parameters : step 15 of 60" in text
    assert "About 1 min 30 s left in this phase. 45 s elapsed." in text
    assert "12:00:00 hello" in text
    assert '<progress max="100" value="25"' in reply.content.decode()


def test_a_silent_worker_is_spoken_of(manager, run_with):
    run = run_with(status=Status.RUNNING, started_at=200, heartbeat_at=90)
    assert "No progress for 1 min 30 s." in words(show(manager, run))


@pytest.mark.parametrize(("status", "refreshes"), [(Status.QUEUED, True), (Status.CANCELLED, False)])
def test_the_page_refreshes_itself_while_there_is_something_to_wait_for(manager, run_with, status, refreshes):
    reply = show(manager, run_with(status=status))
    assert (REFRESH in reply.content.decode()) == refreshes


def test_the_refresh_can_be_stopped(manager, run_with):
    assert REFRESH not in manager.get(f"{PAGE}{run_with().pk}/?still").content.decode()


def test_a_failed_run_says_why(manager, run_with):
    run = run_with(status=Status.FAILED, error="The file is gone.", started_at=9, finished_at=4)
    assert "Failed after 5 s: The file is gone." in words(show(manager, run))


def test_a_queued_run_is_cancelled_at_once(manager, run_with):
    run = run_with()
    reply = manager.post(f"{PAGE}{run.pk}/cancel/", follow=True)
    run.refresh_from_db()
    assert (run.status, "Cancelled after" in words(reply)) == (Status.CANCELLED, True)


def test_a_running_one_is_asked_to_stop(manager, run_with):
    run = run_with(status=Status.RUNNING, started_at=9, heartbeat_at=1)
    assert "Stopping after the current step." in words(manager.post(f"{PAGE}{run.pk}/cancel/", follow=True))


def test_what_is_over_cannot_be_cancelled(manager, run_with):
    reply = manager.post(f"{PAGE}{run_with(status=Status.FAILED).pk}/cancel/")
    assert (reply.status_code, "This training has already finished." in words(reply)) == (409, True)


def test_a_lost_run_is_over_once_somebody_cancels_it(manager, run_with):
    run = run_with(status=Status.RUNNING, started_at=999, heartbeat_at=300)
    assert "The worker stopped unexpectedly." in words(manager.post(f"{PAGE}{run.pk}/cancel/"))


def test_an_officer_sees_the_runs_but_no_form(client_of, run_with):
    run = run_with()
    text = words(client_of(Role.OFFICER).get(PAGE))
    assert f"Training {run.pk} Queued" in text
    assert "Start training" not in text


def test_without_runs_the_page_says_so(manager):
    assert "None yet." in words(manager.get(PAGE))


def test_a_hostile_file_name_is_text(manager, table):
    manager.post(PAGE, {"recipe": "scorecard", "upload": SimpleUploadedFile("<b>x.csv", table)})
    assert "<b>" not in manager.get(PAGE).content.decode()


AMOUNT = (
    "LoanAmount : the median is 128,000 and 100% of the values are unusual; 5 to 1,000 thousands is expected"
)


@pytest.fixture(scope="module")
def in_whole_money(table):
    """A training file whose amounts are not in thousands."""
    header, *lines = table.decode().splitlines()
    place = header.split(",").index("LoanAmount")
    rows = [line.split(",") for line in lines]
    changed = [",".join([*row[:place], "128000", *row[place + 1 :]]) for row in rows]
    return "\n".join([header, *changed]).encode()


def test_without_such_a_table_nothing_is_offered_for_ticking(manager, db):
    assert 'name="confirm"' not in manager.get(PAGE).content.decode()


def test_a_ticked_column_is_trained_on_and_stands_in_run_and_audit(manager, in_whole_money):
    train(manager, in_whole_money, confirm="LoanAmount")
    run = TrainingRun.objects.get()
    record = AuditRecord.objects.get(action="training data confirmed")
    assert (record.by, record.detail["columns"], run.confirmed) == (
        manager.user,
        ["LoanAmount"],
        ["LoanAmount"],
    )
    assert "Confirmed units LoanAmount" in words(show(manager, run))


def test_a_stored_file_that_was_kept_before_units_were_asked_is_asked_too(manager, in_whole_money):
    facts = {"content": in_whole_money, "by": None, "confirmed": ["LoanAmount"]}
    kept = training_files.store_training_file(name="old.csv", **facts)
    reply = manager.post(PAGE, {"recipe": "scorecard", "stored": kept.pk})
    assert (reply.status_code, AMOUNT in words(reply)) == (422, True)


def test_a_column_that_cannot_be_confirmed_is_refused_in_words(manager, file):
    reply = manager.post(PAGE, {"recipe": "scorecard", "stored": file.pk, "confirm": "Gender"})
    assert "Gender is not a column that can be confirmed." in words(reply)
