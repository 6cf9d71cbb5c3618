"""Where `manage.py score` reads from and writes to."""

from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management import CommandError

from predictions.bulk.csv_files import csv_output, csv_source
from predictions.bulk.databases.ends import sql_source
from predictions.bulk.databases.table import table_output
from predictions.bulk.ends import Output, Source
from predictions.bulk.scoring import Terms

_FILES = ("input", "output", "errors")


def add_ends(parser: ArgumentParser) -> None:
    read = parser.add_mutually_exclusive_group(required=True)
    read.add_argument("--input", type=Path, metavar="FILE", help=".csv or .parquet")
    read.add_argument("--from-sql", metavar="SELECT", help="read what this query of --database gives")
    write = parser.add_mutually_exclusive_group(required=True)
    write.add_argument("--output", type=Path, metavar="FILE", help=".csv or .parquet")
    write.add_argument("--output-table", metavar="NAME", help="make this table in --database")
    parser.add_argument("--database", metavar="ALIAS", help="one of LOANSITE_SOURCES")
    parser.add_argument("--errors", type=Path, metavar="FILE.csv", help="list refused rows here")


def check_ends(options: dict[str, Any]) -> None:
    """Raise `CommandError` for arguments that do not go together."""
    files = [options[name] for name in _FILES if options[name]]
    if len({file.resolve() for file in files}) < len(files):
        raise CommandError("--input, --output and --errors are different files.")
    asked = options["from_sql"] or options["output_table"]
    if bool(asked) is not bool(options["database"]):
        raise CommandError("--database goes with --from-sql or --output-table, and these with it.")


def source(options: dict[str, Any]) -> AbstractContextManager[Source]:
    if options["from_sql"]:
        return sql_source(options["database"], options["from_sql"])
    if _is_parquet(options["input"]):
        from predictions.bulk.parquet_files import parquet_source

        return parquet_source(options["input"])
    return csv_source(options["input"], elsewhere=bool(options["scheduler"]))


def output(options: dict[str, Any]) -> Callable[[Terms], AbstractContextManager[Output]]:
    if options["output_table"]:
        return partial(table_output, options["database"], options["output_table"])
    if _is_parquet(options["output"]):
        from predictions.bulk.parquet_files import parquet_output

        return partial(parquet_output, options["output"])
    return partial(csv_output, options["output"])


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() == ".parquet"
