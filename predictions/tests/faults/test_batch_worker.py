"""The batch worker dies, or sleeps too long: the batch ends all the same, each good row stored once."""

import csv
import signal

import pytest

from predictions.tests.faults import doomed, files
from predictions.tests.faults.caller import V1, Caller
from predictions.tests.faults.processes import is_stopped, until
from predictions.tests.faults.site import DOOMED

WORKER = ("manage.py", "worker")
STORED = "SELECT id, loan_id FROM predictions_prediction ORDER BY id"
CHUNKS = "SELECT number, worker, done_at, first_id, last_id FROM predictions_batchchunk ORDER BY number"
RUNNING = "SELECT id FROM django_tasks_database_dbtaskresult WHERE status = 'RUNNING'"
# A minute passes: the dead worker's lease runs out, and nobody has heard of the batch for long.
A_MINUTE_PASSES = (
    "UPDATE predictions_batchchunk SET leased_until = '2020-01-01 00:00:00' WHERE leased_until IS NOT NULL",
    "UPDATE predictions_batch SET heartbeat_at = '2020-01-01 00:00:00'",
)


@pytest.fixture
def web(site, token):
    with site.web() as (_, port), Caller(port, token) as caller:
        yield caller


@pytest.fixture
def sent():
    return files.of_three_chunks()


def upload(web, sent):
    reply = web.upload(sent.content)
    assert reply.status == 202, reply
    return f"{V1}/batches/{reply.document['id']}/"


def is_over(web, batch):
    return web.get(batch).document["status"] not in ("queued", "running")


def check(site, web, batch, sent):
    """The batch says, hands out and has stored the same: one prediction for each good row."""
    said = web.get(batch).document
    counts = (said["status"], said["rows"], said["scored"], said["refused"])
    assert counts == ("finished", len(sent.good) + len(sent.bad), len(sent.good), len(sent.bad))
    results = list(csv.DictReader(web.get(f"{batch}results.csv").document))
    assert [row["Loan_ID"] for row in results] == sent.good
    errors = {row["Loan_ID"] for row in csv.DictReader(web.get(f"{batch}errors.csv").document)}
    assert errors == set(sent.bad)
    assert sorted((int(row["id"]), row["Loan_ID"]) for row in results) == site.query(STORED)


@pytest.mark.parametrize("point", doomed.WORKER)
def test_a_batch_whose_worker_is_killed_is_finished_by_the_next(site, web, sent, say, point):
    batch = upload(web, sent)
    died = site.run(*DOOMED, point, "SIGKILL", "worker")
    assert died.returncode == -signal.SIGKILL, died.stderr
    left = len(site.query(STORED))
    assert not is_over(web, batch)
    site.change(*A_MINUTE_PASSES)
    with site.background(*WORKER):
        until(lambda: is_over(web, batch))
    check(site, web, batch, sent)
    say(f"worker killed {point}: {left:,} rows were stored, {len(sent.good):,} in the end, each once")


def test_a_stopped_worker_that_wakes_up_after_its_lease_changes_nothing(site, web, sent, say):
    batch = upload(web, sent)
    with site.background(*DOOMED, "scored", "SIGSTOP", "worker") as sleeper:
        until(lambda: is_stopped(sleeper))
        with site.background(*WORKER):  # no clock is moved here: it waits for the lease
            until(lambda: is_over(web, batch))
        before = site.query(STORED), site.query(CHUNKS)
        sleeper.send_signal(signal.SIGCONT)
        until(lambda: site.query(RUNNING) == [])
    assert (site.query(STORED), site.query(CHUNKS)) == before
    check(site, web, batch, sent)
    say(f"worker stopped past its lease, then woken: {len(before[0]):,} rows before, the same after")
