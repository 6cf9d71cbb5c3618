"""What another policy would have said of stored predictions. No model is asked: their probabilities stand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

import msgspec
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from ml.applications.plausibility import Remark, referring
from ml.applications.schema import COLUMNS
from ml.scorecard.missing_value_bounds import Gaps
from predictions.models import Policy, Prediction
from predictions.services.policies.simulation_counts import Counts, groups_of
from predictions.services.versions.stored_rows import by_key

_inputs = msgspec.json.Decoder(list)
_gaps = msgspec.json.Decoder(Gaps)
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


class Flip(NamedTuple):
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
        self.counts = Counts()

    def flips(self) -> Iterator[Flip]:
        """Walk once, newest first. JSON is read here, and no more of it than is counted."""
        text = [Cast(name, TextField()) for name in ("inputs", "gaps", "warnings")]
        rows = self.selection.rows().values_list("pk", "approval_probability", "policy_id", *text)
        for chunk in by_key(rows, self.selection.newest, key=lambda row: row[0]):
            yield from self._judged(chunk)

    def _judged(self, chunk: Iterable[Any]) -> Iterator[Flip]:
        in_force, proposed, counts = self.in_force.rule, self.proposed.rule, self.counts
        for pk, probability, policy, inputs, missing, warnings in chunk:
            gaps = None if missing in _NO_GAPS else _gaps.decode(missing)
            values = _inputs.decode(inputs)
            may_refer = () if warnings == "[]" else referring(_remarks.decode(warnings), values[_JOINT])
            before = in_force.outcome(probability, gaps, may_refer)
            after = proposed.outcome(probability, gaps, may_refer)
            counts.add(groups_of(values), probability, before, after)
            counts.remarked += bool(may_refer)
            counts.elsewhere += policy != self.in_force.pk
            if before != after:
                yield Flip(pk, probability, before, after)


def cases(flips: Iterable[Flip]) -> Iterator[tuple[Flip, Prediction]]:
    """Add to each flip the prediction that it is about, some hundred at a time."""
    rows = Prediction.objects.only("loan_id", "created_at", "model_version", "outcome")
    left = iter(flips)
    while batch := list(islice(left, _CASES)):
        found = rows.in_bulk([flip.pk for flip in batch])
        yield from ((flip, found[flip.pk]) for flip in batch)
