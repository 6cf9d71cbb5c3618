from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import TypedDict, Unpack

from django.core.management import BaseCommand, CommandError

from ml.applications.number_texts import Convention
from ml.commands.file_options import add_file_options, wishes_of
from ml.errors import MLError
from ml.intake.alone import plain_table
from ml.parallel.processes import cores, map_in_order
from ml.progress import ProgressLine
from ml.schemas.schema import Schema
from predictions.bulk.csv_files import csv_output, csv_source
from predictions.bulk.scoring import Output, ScoringTerms, Source
from predictions.errors import Unavailable, UnusableSource
from predictions.live import active_model, artefact_copies, products
from predictions.management.products import add_product_option, chosen_product
from predictions.management.versions import version_named
from predictions.models import Product
from predictions.services.bulk import BulkRun, Engine, score_source


class ScoreOptions(TypedDict):
    """The options of the command as argparse reads them."""

    input: Path | None
    from_sql: str | None
    output: Path | None
    output_table: str | None
    database: str | None
    decimal: str | None
    sheet: str | None
    column: list[tuple[str, str]]
    errors: Path | None
    processes: int | None
    engine: str
    scheduler: str | None
    version: int | None
    product: str | None


_MAX_PROCESSES = 256
_DECIMAL_HELP = (
    "decimal mark in the file, or in the query's text columns (default: the file decides; a number with two "
    "meanings is refused)"
)


class Command(BaseCommand):
    requires_system_checks = []  # those of addresses and the admin take longer than scoring a small file
    help = (
        "Score a file or a query of any size into a file or a table. Exits with 1 if no row could be scored."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("--input", type=Path, metavar="FILE", help=".csv, .xlsx, .xls, .ods or .parquet")
        source.add_argument("--from-sql", metavar="SELECT", help="read the rows of this query of --database")
        output = parser.add_mutually_exclusive_group(required=True)
        output.add_argument("--output", type=Path, metavar="FILE", help=".csv or .parquet")
        output.add_argument("--output-table", metavar="NAME", help="create this table in --database")
        parser.add_argument("--database", metavar="ALIAS", help="one of LOANSITE_SOURCES")
        add_file_options(parser, decimal_help=_DECIMAL_HELP)
        parser.add_argument("--errors", type=Path, metavar="FILE.csv", help="list refused rows here")
        parser.add_argument(
            "--processes", type=_process_count, metavar="N", help="default: the cores of the machine"
        )
        parser.add_argument("--engine", choices=["processes", "dask"], default="processes")
        parser.add_argument(
            "--scheduler",
            metavar="ADDRESS",
            help="address of a Dask scheduler (default: start a local cluster)",
        )
        # Django gives every command a --version that prints Django's own.
        model = parser.add_argument_group("model", conflict_handler="resolve")
        model.add_argument("--version", type=int, metavar="ID", help="default: the active version")
        add_product_option(model)

    def handle(self, *args: object, **options: Unpack[ScoreOptions]) -> None:
        _check_options(options)
        product = chosen_product(options["product"])
        try:
            self._print(self._run(options, product), options)
        except (MLError, Unavailable, UnusableSource) as error:
            raise CommandError(str(error) if product.alone else f"{product.name}: {error}") from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror or error}.") from error

    def _run(self, options: ScoreOptions, product: Product) -> BulkRun:
        model = _open_model(options["version"], product)
        with ProgressLine() as progress:
            return score_source(
                source=_open_source(model.schema, options),
                output=_output_opener(options),
                errors=options["errors"],
                engine=_engine(options),
                model=model,
                by=None,
                progress=progress,
            )

    def _print(self, run: BulkRun, options: ScoreOptions) -> None:
        rate = f"{run.good / max(run.seconds, 0.001):,.0f} rows/s"
        self.stdout.write(
            f"{run.good:,} rows scored in {run.seconds:.1f} s ({rate}): {options['output'] or run.output}"
        )
        if run.unused:
            self.stdout.write(f"Columns that were not used: {', '.join(run.unused)}")
        if run.refused:
            where = options["errors"] or "--errors FILE.csv lists them"
            self.stdout.write(self.style.WARNING(f"{run.refused:,} rows refused: {where}"))
        if not run.good:
            raise CommandError("No row could be scored.")


def _check_options(options: ScoreOptions) -> None:
    """Raise `CommandError` for options that do not go together."""
    files = [file for file in (options["input"], options["output"], options["errors"]) if file]
    if len({file.resolve() for file in files}) < len(files):
        raise CommandError("--input, --output and --errors must be different files.")
    uses_database = bool(options["from_sql"] or options["output_table"])
    if uses_database is not bool(options["database"]):
        raise CommandError("--database goes with --from-sql or --output-table, and these with it.")
    has_table = options["input"] and not _is_parquet(options["input"])
    if options["decimal"] and not (options["from_sql"] or has_table):
        raise CommandError("--decimal goes with --from-sql, or with --input and a file of texts.")
    if (options["sheet"] or options["column"]) and not has_table:
        raise CommandError("--sheet and --column go with --input and a CSV file or a workbook.")
    if options["scheduler"] and options["engine"] != "dask":
        raise CommandError("--scheduler goes with --engine dask.")


def _open_source(schema: Schema, options: ScoreOptions) -> AbstractContextManager[Source]:
    if options["from_sql"]:
        from predictions.bulk.databases.ends import sql_source

        decimal = Convention(options["decimal"]) if options["decimal"] else None
        return sql_source(schema, str(options["database"]), options["from_sql"], decimal)
    path = options["input"] or Path()
    if not _is_parquet(path):
        return _table_source(schema, path, options)
    from predictions.bulk.parquet_files import parquet_source

    return parquet_source(schema, path)


@contextmanager
def _table_source(schema: Schema, path: Path, options: ScoreOptions) -> Iterator[Source]:
    """Open a CSV file or a workbook."""
    wishes = wishes_of(options["decimal"], options["sheet"], options["column"])
    elsewhere = bool(options["scheduler"])
    with (
        plain_table(schema, path, wishes) as plain,
        csv_source(schema, plain, elsewhere=elsewhere, given=path) as source,
    ):
        yield source


def _output_opener(options: ScoreOptions) -> Callable[[ScoringTerms], AbstractContextManager[Output]]:
    if options["output_table"]:
        from predictions.bulk.databases.ends import table_output

        return partial(table_output, str(options["database"]), options["output_table"])
    path = options["output"] or Path()
    if not _is_parquet(path):
        return partial(csv_output, path)
    from predictions.bulk.parquet_files import parquet_output

    return partial(parquet_output, path)


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() == ".parquet"


def _engine(options: ScoreOptions) -> Engine:
    processes = options["processes"] or cores()
    if options["engine"] == "processes":
        return partial(map_in_order, processes=processes)
    from ml.parallel.cluster import map_in_order_on_cluster

    return partial(map_in_order_on_cluster, scheduler=options["scheduler"], processes=processes)


def _process_count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MAX_PROCESSES:
        raise ArgumentTypeError(f"{text!r} is not a number from 1 to {_MAX_PROCESSES}")
    return int(text)


def _open_model(version_id: int | None, product: Product) -> active_model.ActiveModel:
    if version_id is None:
        return active_model.current(product.pk)
    version = version_named(version_id)
    if version.product_id != product.pk:
        given = products.with_key(version.product_key).name
        raise CommandError(f"Version {version_id} is of {given}; expected one of {product.name}.")
    return active_model.as_active(version, artefact_copies.open_for_serving(version).model)
