"""Limit on the calls of one caller, exact over all threads and processes of the machine.

The times of a caller's last calls are kept in a file.
"""

import contextlib
import fcntl
import hashlib
import os
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from predictions.errors import Unavailable

_INDEX, _TIME = struct.Struct("<Q"), struct.Struct("<d")
SWEEP_INTERVAL = 3600.0  # seconds


class CallTimes(NamedTuple):
    """Files that hold the last `calls` times of each caller; the oldest time decides about the next call.

    The default clock counts from the machine's start, is the same for all processes, and is never set back.
    """

    directory: Path
    calls: int
    seconds: int
    clock: Callable[[], float] = time.monotonic

    def register_call(self, caller: str) -> float:
        """Register a call and return 0, or return the seconds until the next call is free.

        Raises
        ------
        Unavailable
            When the file cannot be used.
        """
        try:
            self._sweep()
            with self._locked(caller) as file:
                return self._register(file, self.clock())
        except OSError as error:
            raise Unavailable("Calls cannot be counted right now; please try again.") from error

    def _register(self, file: int, now: float) -> float:
        index = _INDEX.unpack(os.pread(file, _INDEX.size, 0) or bytes(_INDEX.size))[0] % self.calls
        offset = _INDEX.size + index * _TIME.size
        oldest = os.pread(file, _TIME.size, offset)
        free_at = _TIME.unpack(oldest)[0] + self.seconds if len(oldest) == _TIME.size and any(oldest) else 0.0
        if now < free_at <= now + self.seconds:  # a later time is from before the machine restarted
            return free_at - now
        os.pwrite(file, _TIME.pack(now), offset)
        os.pwrite(file, _INDEX.pack(index + 1), 0)
        return 0.0

    @contextlib.contextmanager
    def _locked(self, caller: str) -> Iterator[int]:
        name = hashlib.sha256(f"{caller} {self.calls}/{self.seconds}".encode()).hexdigest()
        file = _open_locked(self.directory / name)
        try:
            yield file
        finally:
            os.close(file)

    def _sweep(self) -> None:
        """Delete the files of callers that stopped calling, at most once an hour."""
        swept, now = self.directory / "swept", time.time()
        with contextlib.suppress(FileNotFoundError):
            if swept.exists() and now - swept.stat().st_mtime < SWEEP_INTERVAL:
                return
            swept.touch(mode=0o600)
            for path in self.directory.iterdir():
                _delete_if_older(path, now - 2 * max(self.seconds, SWEEP_INTERVAL))


def _open_locked(path: Path) -> int:
    """Open a file, creating it if necessary, and lock it until it is closed."""
    while True:
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            continue
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file).st_nlink:
            return file
        os.close(file)  # deleted while this call waited


def _delete_if_older(path: Path, before: float) -> None:
    file = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file).st_mtime < before:
            path.unlink()
    finally:
        os.close(file)
