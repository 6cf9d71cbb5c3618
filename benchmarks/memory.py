"""What a process and its children hold together, pages that they share counted once."""

import re
import threading
import time
from contextlib import suppress
from pathlib import Path

_EVERY = 0.1  # seconds, and more where a look takes long: two milliseconds a process
_SHARE = 50  # to look takes a fiftieth of a core at most: what runs on all cores would be slowed down


def _proportional_kib(process: int) -> int:
    """Each page's share: of one that two processes share, half."""
    with suppress(OSError, ProcessLookupError):
        found = re.search(r"^Pss: +(\d+)", Path(f"/proc/{process}/smaps_rollup").read_text(), re.MULTILINE)
        return int(found[1]) if found else 0
    return 0


def _family(process: int) -> list[int]:
    children: list[int] = []
    for listed in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            children += map(int, listed.read_text().split())
    return [process, *(member for child in children for member in _family(child))]


def largest_worker(process: int) -> float:
    """Return the MiB that the largest of a server's workers holds, with what it shares with others."""
    found = [0]
    for worker in _family(process)[1:]:
        with suppress(OSError):
            status = Path(f"/proc/{worker}/status").read_text()
            found += map(int, re.findall(r"^VmRSS:\s+(\d+)", status, re.MULTILINE))
    return max(found) / 1024


class PeakMemory:
    """A context manager that looks again and again; `mib` is the most that it saw."""

    def __init__(self, process: int) -> None:
        self._process, self._over = process, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.mib = 0.0

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        pause = _EVERY
        while not self._over.wait(pause):
            begun = time.thread_time()
            with suppress(OSError):
                self.mib = max(self.mib, sum(map(_proportional_kib, _family(self._process))) / 1024)
            pause = max(_EVERY, _SHARE * (time.thread_time() - begun))
