from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path

from django.core.management import BaseCommand, CommandError

from predictions.errors import ModelUnreadable
from predictions.management.versions import version_named
from predictions.services.versions.replay import Replay, ReplayCounts, collect_flips, export_replay
from predictions.services.versions.stored_rows import Proof


def summary(replay: Replay) -> str:
    total = replay.counts.total
    return (
        f"{replay.candidate}: {total.flipped:,} of {total.replayed:,} outcomes would change "
        f"({total.to_denied:,} to denied, {total.to_approved:,} to approved, "
        f"{total.to_refer:,} to referred), {total.unchanged:,} unchanged; "
        f"mean change of the probability {total.mean_shift:+.4f}."
    )


def group_lines(counts: ReplayCounts) -> Iterator[str]:
    """Yield the lines of a table with a row for each group."""
    yield f"{'':28}{'replayed':>10}{'to denied':>12}{'to approved':>13}{'to referred':>13}{'mean change':>12}"
    for column, groups in counts.by_group():
        for label, tally in groups:
            yield (
                f"{f'{column}: {label}':28}{tally.replayed:>10,}{tally.to_denied:>12,}"
                f"{tally.to_approved:>13,}{tally.to_refer:>13,}{tally.mean_shift:>+12.4f}"
            )


def proof_line(proof: Proof) -> str:
    verdict = "reproduced" if proof.passes else "NOT reproduced"
    result = f"Predictions of version {proof.version.pk}: {verdict}"
    if proof.problem:
        return f"{result}; it cannot be loaded: {proof.problem}"
    where = f" (prediction {proof.furthest})" if proof.furthest else ""
    unreadable = f", {proof.unreadable:,} unreadable" if proof.unreadable else ""
    return (
        f"{result}; {proof.checked:,} predictions, largest difference {proof.largest:.2g}{where}, "
        f"{proof.outcomes_differing:,} outcomes differ{unreadable}."
    )


class Command(BaseCommand):
    help = (
        "Score stored predictions again with a version, to see which outcomes would change. "
        "Exits with 1 if a version does not reproduce its own predictions."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version", type=int, metavar="ID")
        parser.add_argument("--newest", type=int, metavar="N", help="only the newest N (default: all)")
        parser.add_argument("--output", type=Path, metavar="FILE.csv", help="list the changed cases here")

    def handle(
        self, *args: object, version: int, newest: int | None, output: Path | None, **options: object
    ) -> None:
        if newest is not None and newest < 1:
            raise CommandError(f"--newest is {newest}; expected a whole number from 1.")
        try:
            replay = Replay(candidate=version_named(version), newest=newest)
        except ModelUnreadable as error:
            raise CommandError(str(error)) from error
        _run(replay, output)
        self._print(replay)

    def _print(self, replay: Replay) -> None:
        self.stdout.write("\n".join([summary(replay), *group_lines(replay.counts)]))
        for proof in replay.proofs:
            style = self.style.SUCCESS if proof.passes else self.style.ERROR
            self.stdout.write(style(proof_line(proof)))
        if not all(proof.passes for proof in replay.proofs):
            raise CommandError("Not all stored predictions were reproduced.")


def _run(replay: Replay, output: Path | None) -> None:
    """Replay all rows, and write the changed cases to `output`."""
    if output is None:
        collect_flips(replay, limit=0)
        return
    try:
        with output.open("w", encoding="utf-8", newline="") as file:
            file.writelines(export_replay(replay=replay, by=None))
    except OSError as error:
        raise CommandError(f"{output} cannot be written: {error.strerror or error}.") from error
