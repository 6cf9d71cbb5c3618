import sys
import time
from argparse import ArgumentParser
from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import Any, Self, TextIO

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from predictions.errors import Conflict, InvalidFields
from predictions.management.demo_accounts import create_accounts
from predictions.models import ModelVersion
from predictions.services.demo import demo
from predictions.services.demo.removal import remove_demo

_FIRST_GUESS = 0.03  # below this share the time left is not guessed


class WholeProgress:
    """A context manager that is called with a stage and the share of it that is done.

    `stages` gives each stage's part of the whole. On a terminal one line moves, with the share of the whole
    and the time left; elsewhere each tenth is a line of its own.
    """

    def __init__(self, stages: Mapping[str, int], stream: TextIO | None = None) -> None:
        self._stages, self._stream = stages, stream or sys.stderr
        self._moving = self._stream.isatty()
        self._started, self._begun, self._tenth = time.monotonic(), False, -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._moving and self._begun:
            self._stream.write("\n")

    def __call__(self, stage: str, share: float) -> None:
        whole, self._begun = self._whole(stage, share), True
        if self._moving:
            self._stream.write(f"\r{100 * whole:.0f}%{self._left(whole)}: {stage} \x1b[K")
            self._stream.flush()
        elif (tenth := int(10 * whole + 1e-9)) > self._tenth:
            self._tenth = tenth
            self._stream.write(f"{10 * tenth}%: {stage}\n")
            self._stream.flush()

    def _whole(self, stage: str, share: float) -> float:
        names = list(self._stages)
        before = sum(self._stages[name] for name in names[: names.index(stage)])
        return (before + min(share, 1) * self._stages[stage]) / sum(self._stages.values())

    def _left(self, whole: float) -> str:
        if whole < _FIRST_GUESS:
            return ""
        seconds = (time.monotonic() - self._started) / whole * (1 - whole)
        return f", {seconds:.0f} s left"


# With their parts of the time, as measured with 10,000 applicants.
_STAGES = {"training the first model": 13, "training the second model": 20, "storing a year of work": 67}


class Command(BaseCommand):
    help = "Fill an empty site with a year of made-up applications and decisions, or take them out again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--remove", action="store_true", help="take the demo out, and nothing else")
        parser.add_argument("--applicants", type=int, default=demo.APPLICANTS, metavar="N", help="how many")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        if options["remove"]:
            self._remove()
        else:
            self._fill(options["applicants"])

    def _fill(self, applicants: int) -> None:
        if applicants < 1:
            raise CommandError(f"--applicants is {applicants}; expected a whole number from 1.")
        try:
            demo.check_demo_allowed()
            create_accounts(self)
            predictions = self._filled(applicants)
        except (InvalidFields, Conflict) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            self.style.SUCCESS(f"The demo is there: {predictions:,} predictions over 12 months.")
        )
        self.stdout.write("See it with: make run. Take it out with: make demo-remove.")

    def _filled(self, applicants: int) -> int:
        from predictions.services.demo.models import train_models

        first, second, year = _STAGES
        with WholeProgress(_STAGES) as progress:
            models = train_models(lambda place, share: progress((first, second)[place], share))
            return demo.store_demo(models=models, applicants=applicants, progress=partial(progress, year))

    def _remove(self) -> None:
        removed = remove_demo()
        self.stdout.write(
            self.style.SUCCESS(
                f"The demo is out: {removed.predictions:,} predictions and all that hung on them."
            )
        )
        self.stdout.write("Its accounts and audit records stay.")
        for pk in removed.kept_versions:
            self.stdout.write(
                f"Version {pk} stays, retired: predictions that are no demo's were made with it."
            )
        for pk in removed.kept_policies:
            self.stdout.write(f"Policy {pk} stays: predictions or policies that are no demo's need it.")
        if not ModelVersion.objects.active().exists():
            trained = "manage.py train --data FILE" if settings.PRODUCTION else "make run"
            self.stdout.write(f"No model is active now; {trained} trains one.")
