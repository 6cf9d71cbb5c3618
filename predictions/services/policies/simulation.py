"""Simulation: apply another policy to stored predictions, without scoring them again.

The changed outcomes can be exported as CSV. The audit log records the export and its number of lines.
"""

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
from ml.applications.types import ApplicationValues, Value
from ml.schemas.schema import LOAN_ID, Schema
from ml.scorecard.missing_value_bounds import ProbabilityBounds
from ml.scorecard.policy_rules import Held
from predictions.live.active_model import schema_in_use
from predictions.live.schemas import schema_of_version
from predictions.models import BUILT_IN, Policy, Prediction
from predictions.models.querysets import AnyUser
from predictions.reading.probability_bins import N_BINS, bin_of
from predictions.services.policies import policies
from predictions.services.versions.stored_rows import iter_by_key
from predictions.services.writing import audit
from predictions.services.writing.audit import audited_csv_lines
from predictions.words.policies import labelled_groups
from predictions.words.times import site_time

Groups = tuple[Value, ...]


class SimulationTally:
    """Counts rows by their outcomes before and after."""

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
    """Counts of rows by groups and outcomes, and by probability: few numbers for any number of rows.

    Attributes
    ----------
    schema
        Its columns of groups are compared.
    elsewhere
        Rows that were scored by another policy than the one in force.
    remarked
        Rows with a remark that refers them if a policy refers for remarks.
    causes
        Rows by the code of each cause that refers or denies them, in force and proposed.
    """

    schema: Schema
    cells: Counter[tuple[Groups, str, str]] = field(default_factory=Counter)
    bins: list[int] = field(default_factory=lambda: [0] * N_BINS)
    elsewhere: int = 0
    remarked: int = 0
    causes: tuple[Counter[str], Counter[str]] = field(default_factory=lambda: (Counter(), Counter()))

    def add(self, groups: Groups, probability: float, before: str, after: str) -> None:
        self.cells[groups, before, after] += 1
        self.bins[bin_of(probability)] += 1

    def total(self) -> SimulationTally:
        tally = SimulationTally()
        for (_, before, after), count in self.cells.items():
            tally.moves[before, after] += count
        return tally

    def by_group(self) -> Iterator[tuple[str, list[tuple[str, SimulationTally]]]]:
        """Yield the label of each group column with the tallies of its groups."""
        for place, column in enumerate(self.schema.group_columns):
            yield labelled_groups(self.schema.by_column[column], self._tallies(place))

    def _tallies(self, place: int) -> dict[Value, SimulationTally]:
        tallies: dict[Value, SimulationTally] = {}
        for (groups, before, after), count in self.cells.items():
            tallies.setdefault(groups[place], SimulationTally()).moves[before, after] += count
        return tallies


_inputs = msgspec.json.Decoder(list)
_gaps = msgspec.json.Decoder(ProbabilityBounds)
_remarks = msgspec.json.Decoder(list[Remark])
_NO_GAPS = (None, "null", "{}")  # the value of most rows
_NO_REMARKS = "[]"
_FETCHED_TOGETHER = 500  # predictions of changed rows
# Id, probability, policy, model version, inputs, gaps, remarks.
StoredTexts = tuple[int, float, int, int, str, str | None, str]


@dataclass(frozen=True, slots=True)
class Selection:
    """A product's `newest` predictions made from `since` to before `until`. ``None`` is no limit."""

    product_id: int = BUILT_IN
    newest: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def rows(self) -> QuerySet[Prediction]:
        rows = Prediction.objects.of_product(self.product_id)
        rows = rows.filter(created_at__gte=self.since) if self.since else rows
        return rows.filter(created_at__lt=self.until) if self.until else rows


class SimulationFlip(NamedTuple):
    """A stored prediction whose outcome differs between the policy in force and the proposed one."""

    pk: int
    probability: float
    before: str
    after: str


class Simulation:
    """A simulation of a proposed policy beside the policy in force.

    `counts` are complete when the iterator of `flips` is exhausted. It yields changed rows only, so that
    memory does not grow with the number of rows.
    """

    def __init__(self, *, proposed: Policy, selection: Selection) -> None:
        self.proposed, self.selection = proposed, selection
        self.in_force = Policy.objects.of_product(selection.product_id).newest()
        self.counts = SimulationCounts(schema_in_use(selection.product_id))

    def flips(self) -> Iterator[SimulationFlip]:
        """Yield the changed rows, newest first. JSON is fetched as text and decoded here, to save time."""
        texts = [Cast(name, TextField()) for name in ("inputs", "explanation__gaps", "warnings")]
        facts = ("pk", "approval_probability", "policy_id", "model_version_id")
        rows = self.selection.rows().values_list(*facts, *texts)
        for chunk in iter_by_key(rows, self.selection.newest, key=lambda row: row[0]):
            yield from self._compare(chunk)

    def _compare(self, chunk: Iterable[StoredTexts]) -> Iterator[SimulationFlip]:
        in_force, proposed, counts = self.in_force.rule, self.proposed.rule, self.counts
        for pk, probability, policy_id, version_id, inputs, gaps_text, remarks_text in chunk:
            schema = schema_of_version(version_id)
            values = dict(zip(schema.columns, _inputs.decode(inputs), strict=True))
            gaps = None if gaps_text in _NO_GAPS else _gaps.decode(gaps_text or "")
            referring = (
                []
                if remarks_text == _NO_REMARKS
                else referring_remarks(schema, _remarks.decode(remarks_text), values)
            )
            facts = probability, gaps, referring
            held = in_force.held(schema, values), proposed.held(schema, values)
            before, after = in_force.outcome(*facts, held[0]), proposed.outcome(*facts, held[1])
            self._count_causes(schema, facts, held, (before, after))
            counts.add(self._groups(values), probability, before, after)
            counts.remarked += bool(referring)
            counts.elsewhere += policy_id != self.in_force.pk
            if before != after:
                yield SimulationFlip(pk, probability, before, after)

    def _count_causes(
        self,
        schema: Schema,
        facts: tuple[float, ProbabilityBounds | None, list[Remark]],
        held: tuple[Held, Held],
        outcomes: tuple[str, str],
    ) -> None:
        """Count what refers or denies a row, as its page would name it. Most rows have no cause."""
        rules = self.in_force.rule, self.proposed.rule
        for counted, rule, holds, outcome in zip(self.counts.causes, rules, held, outcomes, strict=True):
            if holds or outcome == "refer":
                counted.update({cause["code"] for cause in rule.causes(schema, *facts, holds)})

    def _groups(self, values: ApplicationValues) -> Groups:
        schema = self.counts.schema
        return tuple(schema.by_column[column].group_of(values.get(column)) for column in schema.group_columns)


def with_predictions(flips: Iterable[SimulationFlip]) -> Iterator[tuple[SimulationFlip, Prediction]]:
    """Yield each changed row with its prediction. Predictions are fetched some hundred at a time."""
    rows = Prediction.objects.only("loan_id", "created_at", "model_version", "outcome")
    remaining = iter(flips)
    while batch := list(islice(remaining, _FETCHED_TOGETHER)):
        predictions = rows.in_bulk([flip.pk for flip in batch])
        yield from ((flip, predictions[flip.pk]) for flip in batch)


SIMULATION_HEADER = (
    *("id", LOAN_ID, "created_at", "model_version", "approval_probability", "stored_outcome"),
    *("outcome_in_force", "outcome_proposed"),
)


def simulation_parameters(simulation: Simulation) -> dict[str, Any]:
    """Return the proposed policy and the selection of predictions, as the audit log records them."""
    selection, numbers = simulation.selection, policies.recorded_numbers(simulation.proposed)
    return {
        **{name: value for name, value in numbers.items() if name not in policies.SECOND_FIELDS},
        "in_force": simulation.in_force.pk,
        "newest": selection.newest,
        "since": selection.since.isoformat() if selection.since else None,
        "until": selection.until.isoformat() if selection.until else None,
    }


def record_simulation(*, simulation: Simulation, by: AnyUser | None, cases: int) -> None:
    """Record a simulation in the audit log, with the number of changed cases that were shown."""
    detail = simulation_parameters(simulation) | {"cases": cases}
    audit.record(by=by, action="policy simulation", detail=detail)


def export_simulation(*, simulation: Simulation, by: AnyUser | None) -> Iterator[str]:
    """Return the lines of the file. The audit log records the export, and later how many cases were sent."""
    action, requested = "policy simulation download", simulation_parameters(simulation)
    audit.record(by=by, action=action, detail=requested)
    rows = (_cells(flip, prediction) for flip, prediction in with_predictions(simulation.flips()))
    return audited_csv_lines(action=action, by=by, asked=requested, header=SIMULATION_HEADER, rows=rows)


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
