"""What another policy would have said of stored predictions. No model is asked: their probabilities stand."""

import operator
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

import msgspec
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from ml.applications.plausibility import Remark, referring_remarks
from ml.applications.schema import COLUMNS, GROUP_COLUMNS, LOAN_ID
from ml.scorecard.missing_value_bounds import ProbabilityBounds
from predictions.models import Policy, Prediction
from predictions.models.querysets import AnyUser
from predictions.services.policies import policies
from predictions.services.versions.stored_rows import iter_by_key
from predictions.services.writing import audit
from predictions.services.writing.audit import audited_csv_lines
from predictions.words.policies import labelled_groups
from predictions.words.times import site_time

N_BINS = 20
# Of stored inputs, the values by which applicants are compared.
groups_of = operator.itemgetter(*map(COLUMNS.index, GROUP_COLUMNS))


class SimulationTally:
    """How many rows go from which outcome to which."""

    def __init__(self) -> None:
        self.moves: Counter[tuple[str, str]] = Counter()

    @property
    def rows(self) -> int:
        return self.moves.total()

    @property
    def flipped(self) -> int:
        return sum(count for (before, after), count in self.moves.items() if before != after)

    def before(self, outcome: str) -> int:
        return sum(count for (before, _), count in self.moves.items() if before == outcome)

    def after(self, outcome: str) -> int:
        return sum(count for (_, after), count in self.moves.items() if after == outcome)


@dataclass(slots=True)
class SimulationCounts:
    """Rows by group and outcomes, and by probability: few numbers, however many rows.

    `elsewhere` counts those that were scored under another policy than the one in force, `remarked` those
    with a remark that refers them under a policy that heeds remarks.
    """

    cells: Counter[tuple[Any, str, str]] = field(default_factory=Counter)
    bins: list[int] = field(default_factory=lambda: [0] * N_BINS)
    elsewhere: int = 0
    remarked: int = 0

    def add(self, groups: Any, probability: float, before: str, after: str) -> None:
        self.cells[groups, before, after] += 1
        self.bins[min(int(probability * N_BINS), N_BINS - 1)] += 1

    def total(self) -> SimulationTally:
        tally = SimulationTally()
        for (_, before, after), count in self.cells.items():
            tally.moves[before, after] += count
        return tally

    def by_group(self) -> Iterator[tuple[str, list[tuple[str, SimulationTally]]]]:
        """Yield each column's label with its groups."""
        for place, column in enumerate(GROUP_COLUMNS):
            yield labelled_groups(column, self._tallies(place))

    def _tallies(self, place: int) -> dict[Any, SimulationTally]:
        tallies: dict[Any, SimulationTally] = {}
        for (groups, before, after), count in self.cells.items():
            tallies.setdefault(groups[place], SimulationTally()).moves[before, after] += count
        return tallies


_inputs = msgspec.json.Decoder(list)
_gaps = msgspec.json.Decoder(ProbabilityBounds)
_remarks = msgspec.json.Decoder(list[Remark])
_JOINT = COLUMNS.index("CoapplicantIncome")
_NO_GAPS = (None, "null", "{}")  # of most rows
_CASES = 500


@dataclass(frozen=True, slots=True)
class Selection:
    """Which stored predictions: the newest so many of those made in a span of time; ``None`` is no limit."""

    newest: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def rows(self) -> QuerySet[Prediction]:
        rows: QuerySet[Prediction] = Prediction.objects.all()
        rows = rows.filter(created_at__gte=self.since) if self.since else rows
        return rows.filter(created_at__lt=self.until) if self.until else rows


class SimulationFlip(NamedTuple):
    """A stored prediction of which the proposed policy says something else than the one in force."""

    pk: int
    probability: float
    before: str
    after: str


class Simulation:
    """A walk through stored predictions with the policy in force and a proposed one.

    Counts are complete when `flips` is through. Only flips are handed out, so that memory does not grow
    with the number of rows.
    """

    def __init__(self, *, proposed: Policy, selection: Selection) -> None:
        self.proposed, self.selection = proposed, selection
        self.in_force = Policy.objects.newest()
        self.counts = SimulationCounts()

    def flips(self) -> Iterator[SimulationFlip]:
        """Walk once, newest first. JSON is read here, and no more of it than is counted."""
        text = [Cast(name, TextField()) for name in ("inputs", "gaps", "warnings")]
        rows = self.selection.rows().values_list("pk", "approval_probability", "policy_id", *text)
        for chunk in iter_by_key(rows, self.selection.newest, key=lambda row: row[0]):
            yield from self._judged(chunk)

    def _judged(self, chunk: Iterable[Any]) -> Iterator[SimulationFlip]:
        in_force, proposed, counts = self.in_force.rule, self.proposed.rule, self.counts
        for pk, probability, policy, inputs, missing, warnings in chunk:
            gaps = None if missing in _NO_GAPS else _gaps.decode(missing)
            values = _inputs.decode(inputs)
            may_refer = (
                () if warnings == "[]" else referring_remarks(_remarks.decode(warnings), values[_JOINT])
            )
            before = in_force.outcome(probability, gaps, may_refer)
            after = proposed.outcome(probability, gaps, may_refer)
            counts.add(groups_of(values), probability, before, after)
            counts.remarked += bool(may_refer)
            counts.elsewhere += policy != self.in_force.pk
            if before != after:
                yield SimulationFlip(pk, probability, before, after)


def with_predictions(flips: Iterable[SimulationFlip]) -> Iterator[tuple[SimulationFlip, Prediction]]:
    """Add to each flip the prediction that it is about, some hundred at a time."""
    rows = Prediction.objects.only("loan_id", "created_at", "model_version", "outcome")
    left = iter(flips)
    while batch := list(islice(left, _CASES)):
        found = rows.in_bulk([flip.pk for flip in batch])
        yield from ((flip, found[flip.pk]) for flip in batch)


SIMULATION_HEADER = (
    *("id", LOAN_ID, "created_at", "model_version", "approval_probability", "stored_outcome"),
    *("outcome_in_force", "outcome_proposed"),
)


def simulation_parameters(simulation: Simulation) -> dict[str, Any]:
    """Return for the record what was simulated, and on which predictions."""
    chosen = simulation.selection
    days = {"since": chosen.since, "until": chosen.until}
    return {
        **policies.policy_numbers(simulation.proposed),
        "in_force": simulation.in_force.pk,
        "newest": chosen.newest,
        **{name: day.isoformat() if day else None for name, day in days.items()},
    }


def export_simulation(*, simulation: Simulation, by: AnyUser | None) -> Iterator[str]:
    """Return the lines of the file. Recorded before the first one, and with their number after the last."""
    action, wish = "policy simulation download", simulation_parameters(simulation)
    audit.record(by=by, action=action, detail=wish)
    rows = (_cells(*case) for case in with_predictions(simulation.flips()))
    return audited_csv_lines(action=action, by=by, asked=wish, header=SIMULATION_HEADER, rows=rows)


def _cells(flip: SimulationFlip, prediction: Prediction) -> tuple[object, ...]:
    return (
        flip.pk,
        prediction.loan_id,
        site_time(prediction.created_at).isoformat(),
        prediction.model_version_id,
        flip.probability,
        prediction.outcome,
        flip.before,
        flip.after,
    )
