"""A PostgreSQL server of a test's own, which it may stop, freeze and lock."""

import os
import pwd
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from predictions.tests.faults.processes import children, free_port

PROGRAMS = Path("/usr/lib/postgresql")
SETTINGS = "port={port}\nlisten_addresses='127.0.0.1'\nunix_socket_directories=''\nfsync=off\n"


class Server:
    """`directory` may be entered by everybody: PostgreSQL refuses to run as root."""

    def __init__(self, directory: Path) -> None:
        found = sorted(PROGRAMS.glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
        if not found:
            pytest.skip(f"Left out: a server of the test's own; there is no PostgreSQL in {PROGRAMS}.")
        self._programs, self._data, self._port = found[-1].parent, directory / "data", free_port()
        self._log = directory / "log"
        self._user = None
        if os.getuid() == 0:
            self._user = "postgres"
            os.chown(directory, pwd.getpwnam(self._user).pw_uid, -1)
        self._run("initdb", "-D", self._data, "-A", "trust", "-U", "postgres", "--no-sync")
        with (self._data / "postgresql.conf").open("a") as file:
            file.write(SETTINGS.format(port=self._port))

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        self._run("pg_ctl", "-D", self._data, "-l", self._log, "-w", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self._data, "-m", "fast", "-w", "stop")

    @contextmanager
    def stopped(self) -> Iterator[None]:
        self.stop()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop all its processes where they are: its machine goes on taking connections."""
        master = int((self._data / "postmaster.pid").read_text().split()[0])
        processes = [master, *children(master)]
        self._send(signal.SIGSTOP, processes)
        try:
            yield
        finally:
            self._send(signal.SIGCONT, processes)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the table that every prediction goes to."""
        with psycopg.connect(self.url) as holder:
            holder.execute("LOCK TABLE predictions_prediction")
            yield

    @staticmethod
    def _send(number: signal.Signals, processes: list[int]) -> None:
        for process in processes:
            os.kill(process, number)

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._programs / program), *map(str, arguments)]
        subprocess.run(
            command,
            check=True,
            user=self._user,
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
