"""What people did on an application: decisions, claims and notices beside all of its predictions.

They are read in one query, whatever their number.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import User
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
    prediction: int
    at: datetime
    by_id: int
    by: str
    words: str
    applicant_text: str
    verdict: str
    override: bool
    code: str
    ended_at: datetime | None
    ended_by_id: int | None
    ended_by: str | None

    def decision(self) -> Decision:
        said = {"verdict": self.verdict, "override": self.override, "code": self.code}
        texts = {"note": self.words, "applicant_text": self.applicant_text}
        return Decision(**self._shared(), **said, **texts)

    def claim(self) -> Claim:
        ended_by = User(pk=self.ended_by_id, username=self.ended_by) if self.ended_by else None
        return Claim(**self._shared(), ended_at=self.ended_at, ended_by=ended_by)

    def notice(self) -> Notice:
        return Notice(**self._shared(), text=self.words)

    def _shared(self) -> dict[str, Any]:
        by = User(pk=self.by_id, username=self.by)
        return {"pk": self.pk, "prediction_id": self.prediction, "at": self.at, "by": by}


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Each newest first."""

    decisions: list[Decision]
    claims: list[Claim]
    notices: list[Notice]

    @classmethod
    def of(cls, prediction: Prediction) -> "CaseFile":
        rows = [_Row._make(row) for row in _rows(prediction)]
        return cls(
            [row.decision() for row in rows if row.kind == "decision"],
            [row.claim() for row in rows if row.kind == "claim"],
            [row.notice() for row in rows if row.kind == "notice"],
        )

    @property
    def claim(self) -> Claim | None:
        """The one that stands."""
        return next((claim for claim in self.claims if claim.ended_at is None), None)


def _rows(prediction: Prediction) -> QuerySet[Any, tuple[Any, ...]]:
    unsaid = {name: Value("") for name in ("applicant_text", "verdict", "code")} | {"override": Value(False)}
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
    names = ("words", "applicant_text", "verdict", "override", "code")
    own = {name: columns.get(name, F(name)) for name in names}
    shared = {"kind": Value(kind), "pk": F("pk"), "prediction": F("prediction"), "at": F("at")}
    shared |= {"by_id": F("by"), "by": F("by__username")}
    ends = {name: columns[name] for name in ("ended_at", "ended_by", "ended_by_name")}
    named = {f"row_{name}": column for name, column in (shared | own | ends).items()}
    rows = model.objects.of_application(prediction.loan_id, prediction.owner_id).order_by()
    return rows.annotate(**named).values_list(*named)
