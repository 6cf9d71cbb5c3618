"""`make run` ends with all that it has started, however it is told to end."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Stands in for Python and gunicorn: it says that it has started, and goes on until a signal ends it.
STAND_IN = """#!/bin/sh
case "$*" in *worker | *wsgi) echo "started"; exec sleep 60 ;; esac
"""
PATIENCE = 10  # seconds


@pytest.fixture
def running(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """`make run` in a group of its own, as a terminal starts it."""
    for name in ("python", "gunicorn"):
        (tmp_path / name).write_text(STAND_IN)
        (tmp_path / name).chmod(0o755)
    command = ["make", "--assume-old=install", f"BIN={tmp_path}", "PORT=8123", "run"]
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    ends: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process = subprocess.Popen(command, cwd=ROOT, env=own, start_new_session=True, **ends)
    yield process
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def until_both_have_started(process: "subprocess.Popen[str]") -> str:
    said = ""
    while said.count("started\n") < 2:
        said += process.stdout.readline()
    return said


def nobody_is_left(process: "subprocess.Popen[str]") -> bool:
    """Wait for the end of the output: each process holds it open."""
    process.communicate(timeout=PATIENCE)
    return True


def test_sigterm_to_make_ends_web_and_worker(running):
    until_both_have_started(running)
    running.terminate()
    assert nobody_is_left(running)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGHUP], ids=["Ctrl+C", "a closed terminal"])
def test_what_a_terminal_sends_to_the_group_ends_web_and_worker(running, sent):
    until_both_have_started(running)
    os.killpg(running.pid, sent)
    assert nobody_is_left(running)


def test_it_says_where_the_site_is(running):
    said = until_both_have_started(running)
    running.terminate()
    assert "http://127.0.0.1:8123/" in said + running.communicate(timeout=PATIENCE)[0]
