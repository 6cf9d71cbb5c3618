from argparse import ArgumentParser
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypedDict, Unpack

from django.core.management import BaseCommand, CommandError

from ml.commands.file_options import add_file_options, add_label_option, add_refused_option, wishes_of
from ml.errors import MLError
from ml.intake.alone import NO_WISHES
from ml.progress import ProgressLine
from ml.reports import report
from ml.tables.plausibility import CONFIRM_HELP
from ml.training import RECIPE_TITLES
from predictions.errors import Conflict
from predictions.management.products import add_product_option, chosen_product
from predictions.management.versions import activate_from_command, add_activation_options, print_verdict
from predictions.models import ModelVersion
from predictions.services.versions.comparisons import get_or_make_comparison
from predictions.services.versions.training import train_version


class TrainOptions(TypedDict):
    """The options of the command as argparse reads them."""

    product: str | None
    data: Path | None
    decimal: str | None
    sheet: str | None
    column: list[tuple[str, str]]
    label: list[tuple[str, str]]
    leave_refused_out: bool
    recipe: str
    confirm: list[str]
    scheduler: str | None
    activate: bool
    reason: str | None
    override: bool
    confirm_means: bool


class Command(BaseCommand):
    requires_system_checks = []  # those of addresses and the admin import every page
    help = (
        "Train a candidate on a table, or the built-in product's on synthetic sample data. "
        "Exits with 3 if the candidate is to be activated and the gate refuses it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_product_option(parser)
        parser.add_argument(
            "--data", type=Path, help="CSV file or workbook with the columns of the product's schema"
        )
        add_file_options(parser)
        add_label_option(parser)
        add_refused_option(parser)
        parser.add_argument("--recipe", choices=RECIPE_TITLES, default="scorecard")
        parser.add_argument("--confirm", action="append", default=[], metavar="COLUMN", help=CONFIRM_HELP)
        parser.add_argument(
            "--scheduler", metavar="ADDRESS", help="address of a Dask scheduler for the grid search"
        )
        parser.add_argument("--activate", action="store_true", help="make the candidate the active version")
        parser.add_argument("--reason", help="why it is activated")
        add_activation_options(parser)

    def handle(self, *args: object, **options: Unpack[TrainOptions]) -> None:
        if options["override"] and options["reason"] is None:
            raise CommandError("--override needs a --reason: why is it right to override the gate?")
        wishes = wishes_of(options["decimal"], options["sheet"], options["column"], options["label"])
        if not options["data"] and (wishes != NO_WISHES or options["leave_refused_out"]):
            raise CommandError("--decimal, --sheet, --column, --label, --leave-refused-out go with --data.")
        product = chosen_product(options["product"])
        try:
            with ProgressLine() as progress:
                version = train_version(
                    data=options["data"],
                    wishes=wishes,
                    recipe=options["recipe"],
                    product_id=product.pk,
                    confirmed=options["confirm"],
                    leave_refused_out=options["leave_refused_out"],
                    progress=progress,
                    search_on=_search_on(options["scheduler"]),
                )
            self._print(version)
            if options["activate"]:
                activate_from_command(
                    self,
                    version,
                    reason=options["reason"],
                    override=options["override"],
                    confirm_means=options["confirm_means"],
                )
            else:
                print_verdict(self, get_or_make_comparison(candidate=version))
        except (MLError, Conflict) as error:
            raise CommandError(str(error)) from error

    def _print(self, version: ModelVersion) -> None:
        if version.synthetic:
            self.stdout.write(self.style.WARNING("Trained on synthetic sample data."))
        for note in report.protected_lines(version.protected_columns):
            self.stdout.write(self.style.WARNING(note))
        self.stdout.write("\n".join(report.report_lines(version.report)))
        self.stdout.write(f"{version} is a candidate.")


def _search_on(scheduler: str | None) -> AbstractContextManager[None] | None:
    if scheduler is None:
        return None
    from ml.parallel.cluster import joblib_on_cluster

    return joblib_on_cluster(scheduler)
