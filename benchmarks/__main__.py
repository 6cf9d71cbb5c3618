"""Measure our server beside the article's and others: ``python -m benchmarks [--floors] [--seconds 5]``."""

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import floors, machine, training
from benchmarks.bulk import batches, csv_files
from benchmarks.calls import switching, through_http
from benchmarks.data import loan_ids, real_rows
from benchmarks.pages import previews, what_if
from benchmarks.plan import Plan
from benchmarks.site.site import Site, fill, prepare

Part = Callable[[Site, Plan], list[str]]


def _process(module: str) -> Part:
    """Return a part that runs in a new process, on a copy of the site."""

    def part(prepared: Site, plan: Plan) -> list[str]:
        with tempfile.TemporaryDirectory(prefix="bench-part-") as directory:
            return prepared.copy(Path(directory, "var")).run("-m", module).splitlines()

    return part


PARTS: dict[str, Part] = {
    "http": through_http.run,
    "in_process": _process("benchmarks.calls.in_process"),
    "admin": _process("benchmarks.pages.admin"),
    "history": _process("benchmarks.pages.history"),
    "sql": _process("benchmarks.bulk.sql_export"),
    "bulk": csv_files.run,
    "batches": batches.run,
    "switching": switching.run,
    "what-if": what_if.run,
    "preview": previews.run,
    "train": training.run,
}


# These parts need a site with a history. The others fill a site of their own, or store nothing.
FILLED = {"http", "in_process", "batches", "what-if", "preview"}


def main() -> None:
    """Run the chosen parts and print their tables."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are stopped too
    plan = Plan(options.seconds, options.connections, options.stored)
    chosen, printed = options.only or PARTS, dict[str, list[str]]()
    with tempfile.TemporaryDirectory(prefix="bench-site-") as directory:
        _say("preparing a site")
        prepared = prepare(Path(directory, "var"))
        filled = prepared
        if FILLED.intersection(chosen):
            filled = prepared.copy(Path(directory, "filled"))
            fill(filled, plan.stored)
        for name in chosen:
            _say(f"measuring {name}")
            printed[name] = PARTS[name](filled if name in FILLED else prepared, plan)
            print(*printed[name], sep="\n", flush=True)
    about = ["", *real_rows.described(), loan_ids.described(), *machine.lines()]
    print(*floors.lines(printed), *about, sep="\n")


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="per contender and round")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--stored", type=int, default=1_000_000, help="predictions that a site holds before")
    parser.add_argument("--only", choices=PARTS, action="append", help="run this part (may be repeated)")
    parser.add_argument(
        "--floors", dest="only", action="store_const", const=floors.PARTS,
        help="run the parts that the table of floors and goals needs",
    )  # fmt: skip
    return parser.parse_args()


if __name__ == "__main__":
    main()
