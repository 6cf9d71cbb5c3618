"""Processes that a test starts, looks into, and ends whatever happens."""

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ml.tests.helpers.tables import ROOT

PATIENCE = 90.0  # seconds
Process = subprocess.Popen[bytes]


@contextmanager
def started(command: list[str], environment: dict[str, str], log: Path) -> Iterator[Process]:
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        end(process)


def end(process: Process) -> None:
    """End a process that may be stopped, or gone already."""
    process.send_signal(signal.SIGCONT)
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def children(pid: int) -> list[int]:
    """The processes that a process has forked."""
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_stopped(process: Process) -> bool:
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(") ")[2].startswith("T")


def until(holds: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait until something holds; after too long it is the test that fails."""
    last = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < last, f"It does not hold after {patience:.0f} s."
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
