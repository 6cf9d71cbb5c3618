from argparse import ArgumentParser, ArgumentTypeError
from functools import partial
from typing import Any

from django.core.management import BaseCommand, CommandError

from ml.errors import MLError
from ml.parallel.processes import cores, in_order
from ml.progress import ProgressLine
from predictions.errors import BadSource, Unavailable
from predictions.live import active_model
from predictions.management.commands.bulk_ends import add_ends, check_ends, output, source
from predictions.management.versions import version_named
from predictions.services.bulk import Engine, Run, score
from predictions.services.versions import artefact_copies

_MOST_PROCESSES = 256


class Command(BaseCommand):
    help = "Score a file or a query of any size into a file or a table. No good row: exit 1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_ends(parser)
        parser.add_argument("--processes", type=_count, metavar="N", help="default: the cores of the machine")
        parser.add_argument("--engine", choices=["processes", "dask"], default="processes")
        parser.add_argument(
            "--scheduler", metavar="ADDRESS", help="of a Dask cluster; default: one of its own"
        )
        # Django gives every command a --version, which prints Django's own.
        model = parser.add_argument_group("model", conflict_handler="resolve")
        model.add_argument("--version", type=int, metavar="ID", help="default: the active version")

    def handle(self, *args: Any, **options: Any) -> None:
        check_ends(options)
        if options["scheduler"] and options["engine"] != "dask":
            raise CommandError("--scheduler goes with --engine dask.")
        try:
            self._print(self._run(options), options)
        except (MLError, Unavailable, BadSource) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror or error}.") from error

    def _run(self, options: dict[str, Any]) -> Run:
        model = _model(options["version"])
        with ProgressLine() as progress:
            return score(
                source=source(options),
                output=output(options),
                errors=options["errors"],
                engine=_engine(options),
                model=model,
                by=None,
                progress=progress,
            )

    def _print(self, run: Run, options: dict[str, Any]) -> None:
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
        return partial(in_order, processes=processes)
    from ml.parallel.cluster import in_order_on_cluster

    return partial(in_order_on_cluster, scheduler=options["scheduler"], processes=processes)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_PROCESSES:
        raise ArgumentTypeError(f"{text!r} is not a number from 1 to {_MOST_PROCESSES}")
    return int(text)


def _model(version_id: int | None) -> active_model.ActiveModel:
    if version_id is None:
        return active_model.current()
    version = version_named(version_id)
    return active_model.as_active(version, artefact_copies.open_for_serving(version).model)
