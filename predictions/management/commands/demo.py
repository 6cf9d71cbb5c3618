from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from predictions.errors import BadFields, Conflict
from predictions.management.commands.whole_progress import WholeProgress
from predictions.management.demo_accounts import create_accounts
from predictions.models import ModelVersion
from predictions.services.demo import demo
from predictions.services.demo.removal import remove

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
            demo.check()
            create_accounts(self)
            predictions = self._filled(applicants)
        except (BadFields, Conflict) as error:
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
            return demo.fill(models=models, applicants=applicants, progress=partial(progress, year))

    def _remove(self) -> None:
        removed = remove()
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
