"""Time the preview of workbooks of 100,000 applications: the upload, and the page that it leads to."""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import xlsxwriter

from benchmarks import table
from benchmarks.data import real_rows
from benchmarks.data.loan_ids import LoanIds
from benchmarks.memory import PeakMemory, family_memory
from benchmarks.plan import Plan
from benchmarks.site.django_client import client, setup
from benchmarks.site.site import Site
from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import LOAN_ID

ROWS = 100_000
_REPEATS = 5


class _Spent(NamedTuple):
    """What a preview took: seconds of the clock, seconds of processor time, and MiB at its peak."""

    seconds: float
    upload: float
    child: float
    page: float
    held: float
    peak: float


def run(prepared: Site, plan: Plan) -> list[str]:
    """Preview a file in a new process, which knows no memory of the file's making, on a copy of the site."""
    with tempfile.TemporaryDirectory(prefix="bench-preview-") as directory:
        source = Path(directory, "in.xlsx")
        write_workbook(source, ROWS, plan.stored)
        site = prepared.copy(Path(directory, "var"))
        return site.run("-m", "benchmarks.pages.previews", str(source)).splitlines()


def main(source: Path) -> None:
    """Preview a workbook several times, and print the table."""
    setup()
    runs = [_measured(source) for _ in range(_REPEATS + 1)][1:]  # the first one warms up
    medians = _Spent(*map(statistics.median, zip(*runs, strict=True)))
    title = f"Preview of a workbook of {ROWS:,} rows, median of {_REPEATS}; CPU in seconds, memory in MiB"
    header = ["", "seconds", "CPU of the upload", "CPU of its child", "CPU of the page", "held", "peak above"]
    cells = [*(f"{figure:.2f}" for figure in medians[:4]), f"{medians.held:.0f}"]
    print(*table.lines(title, header, [["xlsx", *cells, f"{medians.peak - medians.held:.0f}"]]), sep="\n")


def write_workbook(path: Path, rows: int, stored: int) -> None:
    """Write a workbook as pandas does for a site with `stored` predictions; no Loan_ID is repeated."""
    schema = built_in()
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, [LOAN_ID, *schema.columns])
        cells = zip(LoanIds(stored).take(rows), real_rows.drawn(rows), strict=True)
        for number, (loan_id, row) in enumerate(cells, 1):
            sheet.write_row(number, 0, [loan_id, *map(row.get, schema.columns)])


def _measured(source: Path) -> _Spent:
    http, held, before = client("officer"), family_memory(os.getpid()), os.times()
    started = time.perf_counter()
    with PeakMemory(os.getpid()) as peak, source.open("rb") as file:
        reply = http.post("/batches/preview/", {"file": file})
        assert reply.status_code == 303, reply.content
        uploaded = os.times()
        page = http.get(reply.headers["Location"])
        assert page.status_code == 200, page.content
    seconds, after = time.perf_counter() - started, os.times()
    http.post(reply.headers["Location"], {"discard": "1"})
    return _Spent(
        seconds,
        uploaded.user + uploaded.system - before.user - before.system,
        after.children_user + after.children_system - before.children_user - before.children_system,
        after.user + after.system - uploaded.user - uploaded.system,
        held,
        peak.mib,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
