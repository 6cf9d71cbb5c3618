import sys
import time
from argparse import ArgumentParser
from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import Self, TextIO

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from predictions.errors import Conflict, InvalidFields
from predictions.management.demo_accounts import create_accounts
from predictions.models import BUILT_IN, ModelVersion
from predictions.services.demo import demo
from predictions.services.demo.removal import remove_demo

_MIN_SHARE_FOR_ESTIMATE = 0.03  # the time left is not estimated before


class WholeProgress:
    """Progress of several stages as a whole, on standard error: call it with a stage and its finished share.

    `stages` gives the weight of each stage. On a terminal one line is updated with the share of the whole and
    the time left. Elsewhere each tenth is printed on a line of its own.
    """

    def __init__(self, stages: Mapping[str, int], stream: TextIO | None = None) -> None:
        self._stages, self._stream = stages, stream or sys.stderr
        self._is_terminal = self._stream.isatty()
        self._started, self._line_open, self._tenth = time.monotonic(), False, -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_terminal and self._line_open:
            self._stream.write("\n")

    def __call__(self, stage: str, share: float) -> None:
        whole, self._line_open = self._whole(stage, share), True
        if self._is_terminal:
            self._stream.write(f"\r{100 * whole:.0f}%{self._time_left(whole)}: {stage} \x1b[K")
            self._stream.flush()
        elif (tenth := int(10 * whole + 1e-9)) > self._tenth:
            self._tenth = tenth
            self._stream.write(f"{10 * tenth}%: {stage}\n")
            self._stream.flush()

    def _whole(self, stage: str, share: float) -> float:
        names = list(self._stages)
        before = sum(self._stages[name] for name in names[: names.index(stage)])
        return (before + min(share, 1) * self._stages[stage]) / sum(self._stages.values())

    def _time_left(self, whole: float) -> str:
        if whole < _MIN_SHARE_FOR_ESTIMATE:
            return ""
        seconds = (time.monotonic() - self._started) / whole * (1 - whole)
        return f", {seconds:.0f} s left"


# Stages with their share of the time in percent, as measured with 10,000 applicants.
_STAGES = {"training the first model": 13, "training the second model": 20, "storing a year of work": 67}


class Command(BaseCommand):
    help = "Fill an empty site with a year of invented applications and decisions, or delete them again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--remove", action="store_true", help="delete the demo, and nothing else")
        parser.add_argument(
            "--applicants",
            type=int,
            default=demo.APPLICANTS,
            metavar="N",
            help="number of applicants (default: %(default)s)",
        )

    def handle(self, *args: object, remove: bool, applicants: int, **options: object) -> None:
        call_command("migrate", verbosity=0)
        if remove:
            self._remove()
        else:
            self._fill(applicants)

    def _fill(self, applicants: int) -> None:
        if applicants < 1:
            raise CommandError(f"--applicants is {applicants}; expected a whole number from 1.")
        try:
            demo.check_demo_allowed()
            create_accounts(self)
            predictions = self._store(applicants)
        except (InvalidFields, Conflict) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS(f"Demo created: {predictions:,} predictions over 12 months."))
        self.stdout.write(f"See it with: make run. {demo.REMOVE_HINT}.")

    def _store(self, applicants: int) -> int:
        from predictions.services.demo.models import train_models

        first, second, year = _STAGES
        with WholeProgress(_STAGES) as progress:
            models = train_models(lambda place, share: progress((first, second)[place], share))
            return demo.store_demo(models=models, applicants=applicants, progress=partial(progress, year))

    def _remove(self) -> None:
        removed = remove_demo()
        self.stdout.write(
            self.style.SUCCESS(f"Demo deleted: {removed.predictions:,} predictions with their decisions.")
        )
        self.stdout.write("The demo accounts and audit records stay.")
        for pk in removed.kept_versions:
            self.stdout.write(f"Version {pk} stays, retired: other predictions were made with it.")
        for pk in removed.kept_policies:
            self.stdout.write(f"Policy {pk} stays: other predictions or policies need it.")
        if not ModelVersion.objects.of_product(BUILT_IN).active().exists():
            trained = "manage.py train --data FILE" if settings.PRODUCTION else "make run"
            self.stdout.write(f"No model is active now; {trained} trains one.")
