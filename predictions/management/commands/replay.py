from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from predictions.errors import ModelUnreadable
from predictions.management.commands.replay_report import group_lines, proof_line, summary
from predictions.management.versions import version_named
from predictions.services.versions.replay import Replay, walk
from predictions.services.versions.replay_export import export


class Command(BaseCommand):
    help = "Score stored predictions again with a version: what would flip. A failed proof: exit 1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version", type=int, metavar="ID")
        parser.add_argument("--newest", type=int, metavar="N", help="only the newest N (default: all)")
        parser.add_argument("--output", type=Path, metavar="FILE.csv", help="write the flipped cases here")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["newest"] is not None and options["newest"] < 1:
            raise CommandError(f"--newest is {options['newest']}; expected a whole number from 1.")
        try:
            replay = Replay(candidate=version_named(options["version"]), newest=options["newest"])
        except ModelUnreadable as error:
            raise CommandError(str(error)) from error
        _walk(replay, options["output"])
        self._print(replay)

    def _print(self, replay: Replay) -> None:
        self.stdout.write("\n".join([summary(replay), *group_lines(replay.counts)]))
        for proof in replay.proofs:
            style = self.style.SUCCESS if proof.passes else self.style.ERROR
            self.stdout.write(style(proof_line(proof)))
        if not all(proof.passes for proof in replay.proofs):
            raise CommandError("The proof fails: not all that was stored could be reproduced.")


def _walk(replay: Replay, output: Path | None) -> None:
    if output is None:
        walk(replay, keep=0)
        return
    try:
        with output.open("w", encoding="utf-8", newline="") as file:
            file.writelines(export(replay=replay, by=None))
    except OSError as error:
        raise CommandError(f"{output} cannot be written: {error.strerror or error}.") from error
