"""A CSV of a million applications: `manage.py score` beside pandas with the pipeline, and beside polars.

A CSV of ten million applications: two workers of a Dask cluster beside one.
"""

import csv
import importlib.util
import operator
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import table
from benchmarks.data import real_rows
from benchmarks.data.loan_ids import LoanIds
from benchmarks.memory import PeakMemory
from benchmarks.plan import Plan
from benchmarks.site.servers import ROOT, environment
from benchmarks.site.site import Site
from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import LOAN_ID

SCHEMA = built_in()

_MOST = 1_000_000
_DISTINCT = 100_000  # applications, repeated with other incomes
_REPEATS = 3


@dataclass(slots=True)
class _Way:
    name: str
    arguments: list[str]
    speeds: list[float] = field(default_factory=list)  # rows/s
    seconds: list[float] = field(default_factory=list)
    peak: float = 0.0  # MiB


def run(prepared: Site, plan: Plan) -> list[str]:
    """Score the same file in every way by turns, each time in a new process."""
    rows = _MOST if plan.seconds >= 1 else _MOST // 10
    lines = _side_by_side(prepared, rows, plan, _ways)
    if not importlib.util.find_spec("distributed"):
        return [*lines, "", "Dask is not installed, so its workers are left out (make install-bulk)."]
    return [*lines, *_side_by_side(prepared, 10 * rows if plan.seconds >= 5 else rows, plan, _dask_ways)]


def _side_by_side(
    prepared: Site, rows: int, plan: Plan, ways_of: Callable[[Site, Path, Path], list[_Way]]
) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="bench-bulk-") as directory:
        source = Path(directory, "in.csv")
        write_applications(source, rows, plan.stored)
        ways = ways_of(prepared, source, Path(directory, "out.csv"))
        for _ in range(_REPEATS):
            for way in ways:
                _measure(way, prepared)
    return _table(ways, rows)


def write_applications(path: Path, rows: int, stored: int) -> None:
    """Write a CSV for a site with `stored` predictions; no Loan_ID is repeated."""

    drawn, loan_ids = real_rows.drawn(_DISTINCT), LoanIds(stored).take(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([LOAN_ID, *SCHEMA.columns])
        for number, loan_id in enumerate(loan_ids):
            row = dict(drawn[number % _DISTINCT])
            row["ApplicantIncome"] += number // _DISTINCT
            cells = (
                f"{cell:.10g}" if isinstance(cell, float) else cell for cell in map(row.get, SCHEMA.columns)
            )
            writer.writerow([loan_id, *cells])


def _ways(prepared: Site, source: Path, output: Path) -> list[_Way]:
    [scorecard] = prepared.var.glob("artefacts/*/scorecard.json")
    score = [str(ROOT / "manage.py"), "score"]
    files = ["--input", str(source), "--output", str(output)]
    polars = ["-m", "benchmarks.peers.polars_bulk", str(scorecard), str(source), str(output)]
    return [
        _Way("pandas + pipeline", ["-m", "benchmarks.peers.pandas_bulk", str(source), str(output)]),
        _Way("polars + compiled scorecard", polars),
        _Way("manage.py score", [*score, *files]),
        _Way("the same in one process", [*score, *files, "--processes", "1"]),
    ]


def _dask_ways(prepared: Site, source: Path, output: Path) -> list[_Way]:
    score = [str(ROOT / "manage.py"), "score", "--engine", "dask"]
    files = ["--input", str(source), "--output", str(output)]
    return [
        _Way("one Dask worker", [*score, *files, "--processes", "1"]),
        _Way("two Dask workers", [*score, *files, "--processes", "2"]),
    ]


def _measure(way: _Way, prepared: Site) -> None:
    """Run the command in a new process. The speed that it prints leaves its start out."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *way.arguments], cwd=ROOT, env=environment(**prepared.variables),
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    with PeakMemory(process.pid) as peak:
        printed, _ = process.communicate()
    found = re.search(r"\(([0-9,]+) rows/s\)", printed)
    if process.returncode or not found:
        raise RuntimeError(f"{way.name} failed with {process.returncode}.")
    way.speeds.append(float(found[1].replace(",", "")))
    way.seconds.append(time.perf_counter() - started)
    way.peak = max(way.peak, peak.mib)


def _table(ways: list[_Way], rows: int) -> list[str]:
    base = ways[0]
    lines = [
        [
            way.name,
            f"{statistics.median(map(operator.truediv, way.speeds, base.speeds)):.2f} x",
            f"{statistics.median(map(operator.truediv, base.seconds, way.seconds)):.2f} x",
            f"{statistics.median(way.speeds):,.0f}",
            f"{statistics.median(way.seconds):.2f}",
            f"{way.peak:,.0f}",
        ]
        for way in ways
    ]
    title = (
        f"A CSV of {rows:,} rows, median of {_REPEATS} by turns; the ratio and rows/s leave the start out, "
        "the whole ratio and the seconds have it"
    )
    return table.lines(title, ["way", "ratio", "whole", "rows/s", "seconds", "peak MiB"], lines)
