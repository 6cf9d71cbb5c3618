"""The script that `make run` ends in: a signal to it ends web workers and task worker alike."""

import signal
import sys
from pathlib import Path

import pytest

from predictions.tests.faults.caller import Caller
from predictions.tests.faults.processes import PATIENCE, children, free_port, started, until


def descendants(pid):
    return [found for child in children(pid) for found in (child, *descendants(child))]


def answers(port):
    with Caller(port) as caller:
        return caller.get("/livez").status == 200


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_everything_that_was_started(site, sent):
    port = free_port()
    own = site.environment() | {"PORT": str(port), "BIN": str(Path(sys.executable).parent)}
    with started(["sh", "deploy/serve.sh"], own, site.log) as script:
        until(lambda: answers(port))
        pids = descendants(script.pid)
        script.send_signal(sent)
        script.wait(PATIENCE)
    assert len(pids) >= 4  # gunicorn, its two workers, the task worker
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []
