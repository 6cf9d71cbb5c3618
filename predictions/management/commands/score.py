from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from ml.errors import MLError
from ml.parallel.processes import cores, map_in_order
from ml.progress import ProgressLine
from predictions.bulk.csv_files import csv_output, csv_source
from predictions.bulk.databases.ends import sql_source, table_output
from predictions.bulk.scoring import Output, ScoringTerms, Source
from predictions.errors import Unavailable, UnusableSource
from predictions.live import active_model
from predictions.management.versions import version_named
from predictions.services.bulk import BulkRun, Engine, score_source
from predictions.services.versions import artefact_copies

_FILES = ("input", "output", "errors")


def add_bulk_arguments(parser: ArgumentParser) -> None:
    read = parser.add_mutually_exclusive_group(required=True)
    read.add_argument("--input", type=Path, metavar="FILE", help=".csv or .parquet")
    read.add_argument("--from-sql", metavar="SELECT", help="read what this query of --database gives")
    write = parser.add_mutually_exclusive_group(required=True)
    write.add_argument("--output", type=Path, metavar="FILE", help=".csv or .parquet")
    write.add_argument("--output-table", metavar="NAME", help="make this table in --database")
    parser.add_argument("--database", metavar="ALIAS", help="one of LOANSITE_SOURCES")
    parser.add_argument("--errors", type=Path, metavar="FILE.csv", help="list refused rows here")


def check_bulk_arguments(options: dict[str, Any]) -> None:
    """Raise `CommandError` for arguments that do not go together."""
    files = [options[name] for name in _FILES if options[name]]
    if len({file.resolve() for file in files}) < len(files):
        raise CommandError("--input, --output and --errors are different files.")
    asked = options["from_sql"] or options["output_table"]
    if bool(asked) is not bool(options["database"]):
        raise CommandError("--database goes with --from-sql or --output-table, and these with it.")


def open_source(options: dict[str, Any]) -> AbstractContextManager[Source]:
    if options["from_sql"]:
        return sql_source(options["database"], options["from_sql"])
    if _is_parquet(options["input"]):
        from predictions.bulk.parquet_files import parquet_source

        return parquet_source(options["input"])
    return csv_source(options["input"], elsewhere=bool(options["scheduler"]))


def open_output(options: dict[str, Any]) -> Callable[[ScoringTerms], AbstractContextManager[Output]]:
    if options["output_table"]:
        return partial(table_output, options["database"], options["output_table"])
    if _is_parquet(options["output"]):
        from predictions.bulk.parquet_files import parquet_output

        return partial(parquet_output, options["output"])
    return partial(csv_output, options["output"])


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() == ".parquet"


_MOST_PROCESSES = 256


class Command(BaseCommand):
    help = "Score a file or a query of any size into a file or a table. No good row: exit 1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_bulk_arguments(parser)
        parser.add_argument("--processes", type=_count, metavar="N", help="default: the cores of the machine")
        parser.add_argument("--engine", choices=["processes", "dask"], default="processes")
        parser.add_argument(
            "--scheduler", metavar="ADDRESS", help="of a Dask cluster; default: one of its own"
        )
        # Django gives every command a --version, which prints Django's own.
        model = parser.add_argument_group("model", conflict_handler="resolve")
        model.add_argument("--version", type=int, metavar="ID", help="default: the active version")

    def handle(self, *args: Any, **options: Any) -> None:
        check_bulk_arguments(options)
        if options["scheduler"] and options["engine"] != "dask":
            raise CommandError("--scheduler goes with --engine dask.")
        try:
            self._print(self._run(options), options)
        except (MLError, Unavailable, UnusableSource) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror or error}.") from error

    def _run(self, options: dict[str, Any]) -> BulkRun:
        model = _model(options["version"])
        with ProgressLine() as progress:
            return score_source(
                source=open_source(options),
                output=open_output(options),
                errors=options["errors"],
                engine=_engine(options),
                model=model,
                by=None,
                progress=progress,
            )

    def _print(self, run: BulkRun, options: dict[str, Any]) -> None:
        rate = f"{run.good / max(run.seconds, 0.001):,.0f} rows/s"
        self.stdout.write(
            f"{run.good:,} rows scored in {run.seconds:.1f} s ({rate}): {options['output'] or run.output}"
        )
        if run.refused:
            listed = options["errors"] or "--errors FILE.csv lists them"
            self.stdout.write(self.style.WARNING(f"{run.refused:,} rows refused: {listed}"))
        if not run.good:
            raise CommandError("No row could be scored.")


def _engine(options: dict[str, Any]) -> Engine:
    processes = options["processes"] or cores()
    if options["engine"] == "processes":
        return partial(map_in_order, processes=processes)
    from ml.parallel.cluster import map_in_order_on_cluster

    return partial(map_in_order_on_cluster, scheduler=options["scheduler"], processes=processes)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_PROCESSES:
        raise ArgumentTypeError(f"{text!r} is not a number from 1 to {_MOST_PROCESSES}")
    return int(text)


def _model(version_id: int | None) -> active_model.ActiveModel:
    if version_id is None:
        return active_model.current()
    version = version_named(version_id)
    return active_model.as_active(version, artefact_copies.open_for_serving(version).model)
