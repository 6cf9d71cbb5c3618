from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from predictions.errors import ModelUnreadable
from predictions.management.versions import version_named
from predictions.services.versions.replay import Replay, ReplayCounts, collect_flips, export_replay
from predictions.services.versions.stored_rows import Proof


def summary(replay: Replay) -> str:
    total = replay.counts.total
    return (
        f"{replay.candidate}: {total.flipped:,} of {total.replayed:,} outcomes would flip "
        f"({total.to_denied:,} to denied, {total.to_approved:,} to approved, "
        f"{total.to_refer:,} to referred), {total.unchanged:,} unchanged; "
        f"mean shift in probability {total.mean_shift:+.4f}."
    )


def group_lines(counts: ReplayCounts) -> Iterator[str]:
    """Yield a table of the groups."""
    yield f"{'':28}{'replayed':>10}{'to denied':>12}{'to approved':>13}{'to referred':>13}{'mean shift':>12}"
    for column, groups in counts.by_group():
        for label, tally in groups:
            yield (
                f"{f'{column}: {label}':28}{tally.replayed:>10,}{tally.to_denied:>12,}"
                f"{tally.to_approved:>13,}{tally.to_refer:>13,}{tally.mean_shift:>+12.4f}"
            )


def proof_line(proof: Proof) -> str:
    said = f"Proof of version {proof.version.pk}: {'reproduced' if proof.passes else 'NOT reproduced'}"
    if proof.problem:
        return f"{said}; it cannot be loaded: {proof.problem}"
    where = f" (prediction {proof.furthest})" if proof.furthest else ""
    unreadable = f", {proof.unreadable:,} unreadable" if proof.unreadable else ""
    return (
        f"{said}; {proof.checked:,} predictions, largest difference {proof.largest:.2g}{where}, "
        f"{proof.outcomes_differing:,} outcomes differ{unreadable}."
    )


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
        collect_flips(replay, keep=0)
        return
    try:
        with output.open("w", encoding="utf-8", newline="") as file:
            file.writelines(export_replay(replay=replay, by=None))
    except OSError as error:
        raise CommandError(f"{output} cannot be written: {error.strerror or error}.") from error
