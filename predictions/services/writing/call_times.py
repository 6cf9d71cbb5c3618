"""The times of each caller's last calls, in a file of its own that threads and processes share."""

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

_PLACE, _TIME = struct.Struct("<Q"), struct.Struct("<d")
SWEEP_INTERVAL = 3600.0  # seconds


class CallTimes(NamedTuple):
    """Files of `calls` times each, written round and round: the oldest of them decides about the next call.

    The usual clock counts from the machine's start, is the same for all processes, and nobody sets it back.
    """

    directory: Path
    calls: int
    seconds: int
    clock: Callable[[], float] = time.monotonic

    def take(self, caller: str) -> float:
        """Note a call now and return 0; or note nothing and return the seconds until one is free.

        Raises
        ------
        Unavailable
            When the file cannot be used.
        """
        try:
            self._sweep()
            with self._locked(caller) as file:
                return self._take(file, self.clock())
        except OSError as error:
            raise Unavailable("Calls cannot be counted right now; please try again.") from error

    def _take(self, file: int, now: float) -> float:
        place = _PLACE.unpack(os.pread(file, _PLACE.size, 0) or bytes(_PLACE.size))[0] % self.calls
        offset = _PLACE.size + place * _TIME.size
        oldest = os.pread(file, _TIME.size, offset)
        free_at = _TIME.unpack(oldest)[0] + self.seconds if len(oldest) == _TIME.size and any(oldest) else 0.0
        if now < free_at <= now + self.seconds:  # later ones are of an earlier start of the machine
            return free_at - now
        os.pwrite(file, _TIME.pack(now), offset)
        os.pwrite(file, _PLACE.pack(place + 1), 0)
        return 0.0

    @contextlib.contextmanager
    def _locked(self, caller: str) -> Iterator[int]:
        name = hashlib.sha256(f"{caller} {self.calls}/{self.seconds}".encode()).hexdigest()
        file = _opened(self.directory / name)
        try:
            yield file
        finally:
            os.close(file)

    def _sweep(self) -> None:
        """Delete the files of callers that have not called for long, at most once an hour."""
        swept, now = self.directory / "swept", time.time()
        with contextlib.suppress(FileNotFoundError):
            if swept.exists() and now - swept.stat().st_mtime < SWEEP_INTERVAL:
                return
            swept.touch(mode=0o600)
            for path in self.directory.iterdir():
                _delete_if_older(path, now - 2 * max(self.seconds, SWEEP_INTERVAL))


def _opened(path: Path) -> int:
    """Open and lock a file, made if need be. Closing it ends the lock."""
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
