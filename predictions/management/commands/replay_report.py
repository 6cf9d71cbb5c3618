"""A replay in plain text."""

from collections.abc import Iterator

from predictions.services.versions.replay import Replay
from predictions.services.versions.replay_counts import Counts
from predictions.services.versions.reproduction import Proof


def summary(replay: Replay) -> str:
    total = replay.counts.total
    return (
        f"{replay.candidate}: {total.flipped:,} of {total.replayed:,} outcomes would flip "
        f"({total.to_denied:,} to denied, {total.to_approved:,} to approved, "
        f"{total.to_refer:,} to referred), {total.unchanged:,} unchanged; "
        f"mean shift in probability {total.mean_shift:+.4f}."
    )


def group_lines(counts: Counts) -> Iterator[str]:
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
