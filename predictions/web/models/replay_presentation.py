"""A replay as its page shows it: words for what the service counted."""

from dataclasses import dataclass
from typing import Any

from ml.figures import signed
from ml.scorecard.scores import MOST_GIVEN, adverse
from predictions.models import Prediction
from predictions.services.versions.replay import Flip, Replay
from predictions.services.versions.replay_counts import Tally
from predictions.services.versions.reproduction import Proof
from predictions.web.presentation import percent, percent_text

NEWEST: dict[str, int | None] = {"100": 100, "1000": 1_000, "10000": 10_000, "all": None}


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    current: bool


@dataclass(frozen=True, slots=True)
class Reason:
    text: str
    weight: str


@dataclass(frozen=True, slots=True)
class GroupLine:
    label: str
    replayed: str
    approved: str
    to_denied: str
    to_approved: str
    to_refer: str
    shift: str

    @classmethod
    def of(cls, label: str, tally: Tally) -> "GroupLine":
        return cls(
            label,
            f"{tally.replayed:,}",
            _approved(tally),
            f"{tally.to_denied:,}",
            f"{tally.to_approved:,}",
            f"{tally.to_refer:,}",
            _points(tally.mean_shift),
        )


@dataclass(frozen=True, slots=True)
class ProofLine:
    proof: Proof
    checked: str
    largest: str

    @classmethod
    def of(cls, proof: Proof) -> "ProofLine":
        return cls(proof, f"{proof.checked:,}", f"{proof.largest:.2g}")


class FlipView:
    """One case: what was said, what the candidate says, and what speaks against it by either."""

    def __init__(self, flip: Flip) -> None:
        self.prediction: Prediction = flip.prediction
        self.outcome = flip.outcome
        self.old_percent = percent_text(flip.prediction)
        self.new_percent = percent(flip.probability, flip.prediction.threshold)
        self.threshold = f"{100 * flip.prediction.threshold:g}"
        self.old_reasons = _adverse(flip.prediction.reasons)
        self.new_reasons = _adverse(flip.reasons)


class ReplayView:
    """What the page needs."""

    def __init__(self, replay: Replay, flips: list[Flip], asked: str) -> None:
        total = replay.counts.total
        self.version, self.asked = replay.candidate, asked
        self.choices = [Choice(value, _label(value), value == asked) for value in NEWEST]
        self.total = total
        self.all = GroupLine.of("All", total) if total.replayed else None
        self.flipped, self.unchanged = f"{total.flipped:,}", f"{total.unchanged:,}"
        self.cut = NEWEST[asked] is None and replay.newest == total.replayed
        self.groups = [
            (column, [GroupLine.of(*group) for group in groups])
            for column, groups in replay.counts.by_group()
        ]
        self.flips = [FlipView(flip) for flip in flips]
        self.unlisted = total.flipped - len(flips)
        self.proofs = [ProofLine.of(proof) for proof in replay.proofs]
        self.proven = all(proof.passes for proof in replay.proofs)


def _label(value: str) -> str:
    newest = NEWEST[value]
    return "All" if newest is None else f"Newest {newest:,}"


def _approved(tally: Tally) -> str:
    before, after = (100 * count / tally.replayed for count in (tally.approved_before, tally.approved_after))
    return f"{before:.1f} → {after:.1f} %"


def _points(shift: float) -> str:
    """Write a change of probability in percentage points."""
    return signed(100 * shift)


def _adverse(reasons: list[Any]) -> list[Reason] | None:
    """Return the weightiest reasons against approval; ``None`` of a model that gives none at all."""
    if not reasons:
        return None
    against = adverse(reasons)[:MOST_GIVEN]
    return [Reason(reason["text"], signed(reason["contribution"])) for reason in against]
