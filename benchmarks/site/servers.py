"""Start servers on free loopback ports, time their starts, and stop them even if the measurement fails."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2
Ready = Callable[[int], bool]  # whether the server at this port has answered
OUR_ARGUMENTS = ["--config", "deploy/gunicorn.conf.py", "loansite.wsgi"]
_PATIENCE = 120.0  # seconds for a server to answer, and again to stop
_PAUSE = 0.02  # seconds between two attempts


def environment(**variables: str) -> dict[str, str]:
    """Return this process's environment without the site's settings, plus `variables`."""
    own = {k: v for k, v in os.environ.items() if not k.startswith("LOANSITE_") and k != "DATABASE_URL"}
    return own | {"DJANGO_SETTINGS_MODULE": "loansite.settings", "WEB_CONCURRENCY": str(WORKERS)} | variables


class Server(NamedTuple):
    """The port of a server, its main process, the parent of its workers, and how long it took to start."""

    port: int
    process: int
    start_seconds: float


def accepts(port: int) -> bool:
    """Return whether the port accepts a connection."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def gunicorn(
    arguments: list[str], log: Path, variables: dict[str, str], ready: Ready = accepts
) -> contextlib.AbstractContextManager[Server]:
    """Run the server until the `with` block ends."""
    port = _free_port()
    command = ["gunicorn", "--no-control-socket", "--bind", f"127.0.0.1:{port}", *arguments]
    return _serving(command, port, log, variables, ready)


def uvicorn(
    arguments: list[str], log: Path, variables: dict[str, str], ready: Ready = accepts
) -> contextlib.AbstractContextManager[Server]:
    """Run the server until the `with` block ends."""
    port = _free_port()
    return _serving(["uvicorn", "--port", str(port), *arguments], port, log, variables, ready)


@contextlib.contextmanager
def _serving(
    module: list[str], port: int, log: Path, variables: dict[str, str], ready: Ready
) -> Iterator[Server]:
    command = [sys.executable, "-m", *module]
    started = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(**variables), stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _wait(process, partial(ready, port), log)
            yield Server(port, process.pid, time.perf_counter() - started)
        finally:
            _stop(process)


@contextlib.contextmanager
def worker(variables: dict[str, str]) -> Iterator[int]:
    """Run ``manage.py worker`` until the `with` block ends; yield its process."""
    command = [sys.executable, str(ROOT / "manage.py"), "worker"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(**variables),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process.pid
    finally:
        _stop(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: "subprocess.Popen[bytes]", ready: Callable[[], bool], log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < until:
        if ready():
            return
        time.sleep(_PAUSE)
    raise RuntimeError(f"A server does not answer:\n{log.read_text()[-2000:]}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
