"""A simulation as its page shows it: words, lengths and shares for what the service counted."""

from collections.abc import Sequence
from dataclasses import dataclass

from ml.figures import percent, percent_interval, signed
from ml.intervals import FEWEST_ROWS, wilson
from predictions.models import Policy, Prediction
from predictions.services.policies import policies
from predictions.services.policies.simulation import Flip, Simulation, cases
from predictions.services.policies.simulation_counts import BINS, Tally
from predictions.web.policies.policy_presentation import PolicyScale
from predictions.web.presentation import percent as percent_beside
from predictions.words import policies as policy_words

OUTCOMES = {"approved": "Approved", "denied": "Denied", "refer": "Referred"}
_HEIGHT = 140  # of the tallest bar, in pixels
_FLOOR = 188  # where bars stand


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """How often an outcome is given, in force and proposed."""

    outcome: str
    before: str
    before_rate: str
    after: str
    after_rate: str
    change: str


@dataclass(frozen=True, slots=True)
class Move:
    before: str
    after: str
    count: str


@dataclass(frozen=True, slots=True)
class Rate:
    share: str
    interval: str


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group's approval rates with their intervals, where it has rows enough."""

    label: str
    rows: str
    before: Rate | None = None
    after: Rate | None = None
    change: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """Rows of a span of probability; lengths are text, so that no locale changes them."""

    span: str
    rows: str
    share: str
    at: str
    top: str
    height: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two policies on the plot and beside it."""

    name: str
    sentences: list[str]
    scale: PolicyScale
    band: str
    remarks: str


class FlipLine:
    """A case of which the proposed policy says something else."""

    def __init__(self, flip: Flip, prediction: Prediction, threshold: float) -> None:
        self.flip, self.prediction = flip, prediction
        self.percent = percent_beside(flip.probability, threshold)


class SimulationView:
    """What the page needs."""

    def __init__(self, simulation: Simulation, flips: Sequence[Flip], *, cut: bool) -> None:
        counts, total = simulation.counts, simulation.counts.total()
        self.in_force = simulation.in_force
        self.nothing_proposed = policies.numbers(self.in_force) == policies.numbers(simulation.proposed)
        self.sides = [_side("in force", self.in_force), _side("proposed", simulation.proposed)]
        self.total, self.rows, self.flipped = total, f"{total.rows:,}", f"{total.flipped:,}"
        self.cut = cut and total.rows == simulation.selection.newest
        self.elsewhere = f"{counts.elsewhere:,}" if counts.elsewhere else ""
        self.remarked = f"{counts.remarked:,}" if counts.remarked else ""
        self.outcomes = [_outcome_line(outcome, total) for outcome in OUTCOMES] if total.rows else []
        self.moves = [
            Move(OUTCOMES[before], OUTCOMES[after].lower(), f"{total.moves[before, after]:,}")
            for before in OUTCOMES
            for after in OUTCOMES
            if before != after
        ]
        self.groups = [
            (column, [_group_line(*group) for group in groups]) for column, groups in counts.by_group()
        ]
        self.fewest = FEWEST_ROWS
        self.bars = _bars(counts.bins)
        self.flips = [FlipLine(*case, simulation.proposed.threshold) for case in cases(flips)]
        self.unlisted = total.flipped - len(flips)


def _side(name: str, policy: Policy) -> Side:
    words = policy_words.band(policy), policy_words.remark_rule(policy)
    return Side(name, policy_words.sentences(policy), PolicyScale(policy), *words)


def _outcome_line(outcome: str, total: Tally) -> OutcomeLine:
    before, after = total.before(outcome), total.after(outcome)
    rates = [percent(count / total.rows) for count in (before, after)]
    return OutcomeLine(outcome, f"{before:,}", rates[0], f"{after:,}", rates[1], _step(after - before))


def _step(count: int) -> str:
    return f"{count:+,}".replace("-", "\N{MINUS SIGN}") if count else "0"


def _group_line(label: str, tally: Tally) -> GroupLine:
    if tally.rows < FEWEST_ROWS:
        return GroupLine(label, f"{tally.rows:,}")
    before, after = (count / tally.rows for count in (tally.before("approved"), tally.after("approved")))
    change = signed(100 * (after - before), 1)
    return GroupLine(label, f"{tally.rows:,}", _rate(before, tally.rows), _rate(after, tally.rows), change)


def _rate(share: float, rows: int) -> Rate:
    return Rate(percent(share), percent_interval(*wilson(share, rows)))


def _bars(bins: Sequence[int]) -> list[Bar]:
    most, rows = max(bins) or 1, sum(bins) or 1
    return [
        Bar(
            f"{100 * place // BINS} to {100 * (place + 1) // BINS} %",
            f"{count:,}",
            percent(count / rows),
            f"{100 * place / BINS + 0.2:.1f}%",
            f"{_FLOOR - _HEIGHT * count / most:.1f}",
            f"{_HEIGHT * count / most:.1f}",
        )
        for place, count in enumerate(bins)
    ]
