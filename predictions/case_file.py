"""What people did on a case: its decisions, claims and notices, read in one query whatever their number."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import BigIntegerField, CharField, DateTimeField, F, QuerySet, Value
from django.db.models.functions import Cast

from predictions.models import Claim, Decision, Notice, Prediction

_NO_KEY = Cast(Value(None), BigIntegerField())
_NO_TIME = Cast(Value(None), DateTimeField())
_NO_NAME = Cast(Value(None), CharField(max_length=150))


class _Row(NamedTuple):
    """One row of any of the three; PostgreSQL wants every part of a union to say its types."""

    kind: str
    pk: int
    at: datetime
    by_id: int
    by: str
    words: str
    verdict: str
    override: bool
    code: str
    ended_at: datetime | None
    ended_by_id: int | None
    ended_by: str | None


@dataclass(slots=True)
class CaseFile:
    """Each newest first."""

    decisions: list[Decision] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    @classmethod
    def of(cls, prediction: Prediction) -> "CaseFile":
        file = cls()
        for row in map(_Row._make, _rows(prediction)):
            shared = {"pk": row.pk, "prediction": prediction, "at": row.at, "by": _user(row.by_id, row.by)}
            if row.kind == "decision":
                said = {"verdict": row.verdict, "override": row.override, "code": row.code}
                file.decisions.append(Decision(**shared, **said, note=row.words))
            elif row.kind == "claim":
                ended_by = _user(row.ended_by_id, row.ended_by) if row.ended_by_id else None
                file.claims.append(Claim(**shared, ended_at=row.ended_at, ended_by=ended_by))
            else:
                file.notices.append(Notice(**shared, text=row.words))
        return file

    @property
    def claim(self) -> Claim | None:
        """The one that stands."""
        return next((claim for claim in self.claims if claim.ended_at is None), None)


def _rows(prediction: Prediction) -> QuerySet[Any, tuple[Any, ...]]:
    unsaid = {"verdict": Value(""), "override": Value(False), "code": Value("")}
    unended = {"ended_at": _NO_TIME, "ended_by": _NO_KEY, "ended_by_name": _NO_NAME}
    decisions = _part(Decision, prediction, "decision", words=F("note"), **unended)
    claim_ends = {
        "ended_at": F("ended_at"),
        "ended_by": F("ended_by"),
        "ended_by_name": F("ended_by__username"),
    }
    claims = _part(Claim, prediction, "claim", words=Value(""), **unsaid, **claim_ends)
    notices = _part(Notice, prediction, "notice", words=F("text"), **unsaid, **unended)
    return decisions.union(claims, notices, all=True).order_by("-row_at", "-row_pk")


def _part(model: Any, prediction: Prediction, kind: str, **columns: Any) -> QuerySet[Any, tuple[Any, ...]]:
    """Return the rows of one model with the columns of `_Row`, under names that no field has."""
    own = {name: columns.get(name, F(name)) for name in ("words", "verdict", "override", "code")}
    shared = {"kind": Value(kind), "pk": F("pk"), "at": F("at"), "by_id": F("by"), "by": F("by__username")}
    ends = {name: columns[name] for name in ("ended_at", "ended_by", "ended_by_name")}
    named = {f"row_{name}": column for name, column in (shared | own | ends).items()}
    return model.objects.filter(prediction=prediction).order_by().annotate(**named).values_list(*named)


def _user(pk: int | None, name: str | None) -> AbstractBaseUser:
    return get_user_model()(pk=pk, username=name)
