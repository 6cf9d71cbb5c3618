"""The case file of an application: what people did on it, beside all of its predictions.

One query reads decisions, claims, notices, holds, proposals and events together.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, NamedTuple, Self, TypeVar

from django.contrib.auth.models import User
from django.db.models import (
    BigIntegerField,
    CharField,
    DateField,
    DateTimeField,
    F,
    FloatField,
    Model,
    QuerySet,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast
from django.utils import timezone

from predictions.models import ApplicationEvent, Claim, Decision, Hold, Notice, Prediction, Proposal
from predictions.models.fields import WrittenJSONField
from predictions.words.times import site_date

_Record = TypeVar("_Record", bound=Model)
_Columns = dict[str, Combinable]


class _Row(NamedTuple):
    """A record as a row of the union; columns that its kind lacks are empty."""

    kind: str
    pk: int
    prediction: int
    at: datetime
    by_id: int
    by: str
    words: str
    applicant_text: str
    verdict: str
    override: bool
    code: str
    terms: Any  # JSON, as `limits`: the field of the first part of the union reads all rows
    limits: Any
    probability: float | None
    until: date | None
    second_at: datetime | None
    second_id: int | None
    second: str | None

    def shared(self) -> dict[str, object]:
        by = User(pk=self.by_id, username=self.by)
        return {"pk": self.pk, "prediction_id": self.prediction, "at": self.at, "by": by}

    def second_person(self, name: str) -> dict[str, object]:
        """Return the field of the person who ended, answered or confirmed the record, if somebody did."""
        return {name: User(pk=self.second_id, username=self.second) if self.second else None}


# PostgreSQL needs the types of all columns in each part of a union.
_EMPTY: _Columns = {
    **{name: Value("") for name in ("words", "applicant_text", "verdict", "code")},
    "override": Value(False),
    **{name: Cast(Value(None), WrittenJSONField()) for name in ("terms", "limits")},
    "probability": Cast(Value(None), FloatField()),
    "until": Cast(Value(None), DateField()),
    "second_at": Cast(Value(None), DateTimeField()),
    "second_id": Cast(Value(None), BigIntegerField()),
    "second": Cast(Value(None), CharField(max_length=150)),
}


def _by(person: str, at: str = "") -> _Columns:
    columns: _Columns = {"second_id": F(person), "second": F(f"{person}__username")}
    return columns | ({"second_at": F(at)} if at else {})


# The columns that a kind of records has beside those of all kinds.
_OWN: dict[type[Model], _Columns] = {
    Decision: {name: F(name) for name in ("applicant_text", "verdict", "override", "code")}
    | {"words": F("note"), "terms": F("terms"), "probability": F("probability")}
    | _by("confirmed_by"),
    Claim: _by("ended_by", "ended_at"),
    Notice: {"words": F("text")} | _by("confirmed_by", "confirmed_at"),
    Hold: {"words": F("asked"), "until": F("until")} | _by("ended_by", "ended_at"),
    Proposal: {"words": F("answer_text"), "code": F("answer"), "terms": F("content"), "limits": F("limits")}
    | _by("answered_by", "answered_at"),
    ApplicationEvent: {"words": F("text"), "code": F("kind"), "terms": F("detail")},
}


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What people did on an application, newest first."""

    decisions: list[Decision]
    claims: list[Claim]
    notices: list[Notice]
    holds: list[Hold]
    proposals: list[Proposal]
    events: list[ApplicationEvent]

    @classmethod
    def of(cls, prediction: Prediction) -> Self:
        records: dict[str, list[Any]] = {field.name: [] for field in fields(cls)}
        for row in map(_Row._make, _rows(prediction)):
            name, made = _RECORDS[row.kind]
            records[name].append(made(row))
        return cls(**records)

    @property
    def claim(self) -> Claim | None:
        """The claim that has not ended, if there is one."""
        return next((claim for claim in self.claims if claim.ended_at is None), None)

    @property
    def hold(self) -> Hold | None:
        """The hold that has not ended, and whose last day has not passed in the site's zone."""
        today = site_date(timezone.now())
        return next((hold for hold in self.holds if hold.ended_at is None and hold.until >= today), None)

    @property
    def proposal(self) -> Proposal | None:
        """The proposal that nobody has answered, if there is one."""
        return next((proposal for proposal in self.proposals if not proposal.answer), None)

    def merged_into(self, prediction: Prediction) -> int | None:
        """Return the number of the application that the one of this newest prediction was merged into."""
        ended = (event for event in self.events if event.kind == ApplicationEvent.Kind.MERGED)
        return next((e.detail["into"] for e in ended if e.prediction_id == prediction.pk), None)

    @property
    def notes(self) -> list[ApplicationEvent]:
        return [event for event in self.events if event.kind == ApplicationEvent.Kind.NOTE]


def _decision(row: _Row) -> Decision:
    facts = {"verdict": row.verdict, "override": row.override, "code": row.code, "note": row.words}
    facts |= {"applicant_text": row.applicant_text, "terms": row.terms, "probability": row.probability}
    return Decision(**row.shared(), **facts, **row.second_person("confirmed_by"))


def _claim(row: _Row) -> Claim:
    return Claim(**row.shared(), ended_at=row.second_at, **row.second_person("ended_by"))


def _notice(row: _Row) -> Notice:
    facts = {"text": row.words, "confirmed_at": row.second_at}
    return Notice(**row.shared(), **facts, **row.second_person("confirmed_by"))


def _hold(row: _Row) -> Hold:
    facts = {"asked": row.words, "until": row.until, "ended_at": row.second_at}
    return Hold(**row.shared(), **facts, **row.second_person("ended_by"))


def _proposal(row: _Row) -> Proposal:
    facts = {"kind": Proposal.Kind.DECISION, "content": row.terms, "limits": row.limits}
    facts |= {"answer": row.code, "answer_text": row.words, "answered_at": row.second_at}
    return Proposal(**row.shared(), **facts, **row.second_person("answered_by"))


def _event(row: _Row) -> ApplicationEvent:
    return ApplicationEvent(**row.shared(), kind=row.code, text=row.words, detail=row.terms)


# By kind of row: the field of the case file, and what makes a record of a row.
_RECORDS = {
    "decision": ("decisions", _decision),
    "claim": ("claims", _claim),
    "notice": ("notices", _notice),
    "hold": ("holds", _hold),
    "proposal": ("proposals", _proposal),
    "applicationevent": ("events", _event),
}


def _rows(prediction: Prediction) -> QuerySet[Any, tuple[Any, ...]]:
    first, *others = (_part(model, prediction, own) for model, own in _OWN.items())
    return first.union(*others, all=True).order_by("-row_at", "-row_pk")


def _part(model: type[Model], prediction: Prediction, own: _Columns) -> QuerySet[Any, tuple[Any, ...]]:
    """Return the rows of one model with the columns of `_Row`, under names that no field has."""
    shared: _Columns = {"kind": Value(model._meta.model_name), "pk": F("pk"), "prediction": F("prediction")}
    shared |= {"at": F("at"), "by_id": F("by"), "by": F("by__username")}
    every = _EMPTY | shared | own
    named = {f"row_{name}": every[name] for name in _Row._fields}
    rows = model.objects.of_application(*prediction.application).order_by()  # type: ignore[attr-defined]
    return rows.annotate(**named).values_list(*named)
