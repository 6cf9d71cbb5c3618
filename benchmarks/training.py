"""Time `manage.py train` from its start to its end, on the real table if it is beside the checkout."""

import statistics
import tempfile
import time
from pathlib import Path

from benchmarks import table
from benchmarks.data.real_rows import REAL_TABLE
from benchmarks.plan import Plan
from benchmarks.site.site import Site

_REPEATS = 3


def run(prepared: Site, _plan: Plan) -> list[str]:
    """Train a candidate several times, each time on a copy of the site; return the table."""
    real = REAL_TABLE.exists()
    seconds = [_seconds(prepared, ["--data", str(REAL_TABLE)] if real else []) for _ in range(_REPEATS)]
    source = "the real table" if real else "the synthetic sample"
    spread = f"{min(seconds):.2f}-{max(seconds):.2f}"
    row = [f"train on {source}", f"{statistics.median(seconds):.2f}", spread]
    title = f"manage.py train, median of {_REPEATS}; the seconds are the whole process's"
    return table.lines(title, ["command", "seconds", "range"], [row])


def _seconds(prepared: Site, data: list[str]) -> float:
    with tempfile.TemporaryDirectory(prefix="bench-train-") as directory:
        site = prepared.copy(Path(directory, "var"))
        started = time.perf_counter()
        site.manage("train", *data)
        return time.perf_counter() - started
