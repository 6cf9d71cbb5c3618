"""A CSV of a million applications as a batch: one worker and two, on SQLite and on PostgreSQL."""

import contextlib
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks import table
from benchmarks.bulk.csv_files import write_applications
from benchmarks.memory import PeakMemory
from benchmarks.plan import Plan
from benchmarks.site import on_postgres
from benchmarks.site.servers import worker
from benchmarks.site.site import Site, fill

_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class _Run:
    rows: int
    seconds: float
    peak: float  # MiB, of the largest worker

    @property
    def speed(self) -> float:
        return self.rows / self.seconds


def run(prepared: Site, plan: Plan) -> list[str]:
    """Score the same file with one worker, then with two, each time on a new site."""
    rows = _MOST if plan.seconds >= 5 else _MOST // 10
    lines = []
    with tempfile.TemporaryDirectory(prefix="bench-batch-") as directory:
        source = Path(directory, "in.csv")
        write_applications(source, rows, plan.stored)
        for database in ("SQLite", "PostgreSQL") if on_postgres.answers() else ("SQLite",):
            runs = [_measured(database, prepared, plan, source, workers) for workers in (1, 2)]
            lines += [_line(database, workers, run, runs[0]) for workers, run in enumerate(runs, 1)]
    header = ["batch", "ratio", "rows/s", "seconds", "stored", "peak MiB of a worker"]
    title = f"A CSV of {rows:,} rows as a batch; {plan.stored:,} predictions stored before"
    return table.lines(title, header, lines)


def _line(database: str, workers: int, run: _Run, alone: _Run) -> list[str]:
    name = f"{database}, {workers} worker{'s' if workers > 1 else ''}"
    ratio = f"{run.speed / alone.speed:.2f} x"
    return [
        *(name, ratio, f"{run.speed:,.0f}"),
        *(f"{run.seconds:.1f}", f"{run.rows:,}", f"{run.peak:,.0f}"),
    ]


def _measured(database: str, prepared: Site, plan: Plan, source: Path, workers: int) -> _Run:
    with tempfile.TemporaryDirectory(prefix="bench-batch-") as directory, contextlib.ExitStack() as stack:
        var = Path(directory, "var")
        if database == "SQLite":
            site = prepared.copy(var)
        else:
            site = stack.enter_context(on_postgres.site(var))
            fill(site, plan.stored)
        processes = [stack.enter_context(worker(site.variables)) for _ in range(workers)]
        peaks = [stack.enter_context(PeakMemory(process)) for process in processes]
        printed = site.run("-m", "benchmarks.bulk.batch_client", str(source))
        result = re.search(r"^(\d+) rows in ([0-9.]+) s$", printed, re.MULTILINE)
        if not result:
            raise RuntimeError(f"The batch was not finished: {printed}")
        return _Run(int(result[1]), float(result[2]), max(peak.mib for peak in peaks))
