"""The memory of a process and its children, shared pages counted once."""

import re
import threading
import time
from contextlib import suppress
from pathlib import Path

_EVERY = 0.1  # seconds; longer if a measurement takes long (two milliseconds a process)
_SHARE = 50  # measuring takes at most a fiftieth of a core, so as not to slow the measured processes


def _proportional_kib(process: int) -> int:
    """Return the proportional set size: half of each page that two processes share."""
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


def family_memory(process: int) -> float:
    """Return the memory of a process and its children in MiB."""
    return sum(map(_proportional_kib, _family(process))) / 1024


def largest_worker(process: int) -> float:
    """Return the memory of a server's largest worker in MiB, shared pages included.

    A server without children is its own worker.
    """
    sizes = [0]
    for worker in _family(process)[1:] or [process]:
        with suppress(OSError):
            status = Path(f"/proc/{worker}/status").read_text()
            sizes += map(int, re.findall(r"^VmRSS:\s+(\d+)", status, re.MULTILINE))
    return max(sizes) / 1024


class PeakMemory:
    """A context manager that measures repeatedly; `mib` is the maximum."""

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
                self.mib = max(self.mib, family_memory(self._process))
            pause = max(_EVERY, _SHARE * (time.thread_time() - begun))
