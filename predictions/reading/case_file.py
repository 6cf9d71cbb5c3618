"""The case file of an application: decisions, claims and notices beside all of its predictions.

One query reads decisions, claims and notices together.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db.models import BigIntegerField, CharField, DateTimeField, F, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from predictions.models import Claim, Decision, Notice, Prediction

# PostgreSQL needs the types of all columns in each part of a union.
_NO_KEY = Cast(Value(None), BigIntegerField())
_NO_TIME = Cast(Value(None), DateTimeField())
_NO_NAME = Cast(Value(None), CharField(max_length=150))
_CaseRows = QuerySet[Decision | Claim | Notice, tuple[object, ...]]
_Columns = dict[str, Combinable]
_DECISION: _Columns = {name: F(name) for name in ("applicant_text", "verdict", "override", "code")}
_NO_DECISION: _Columns = {
    "applicant_text": Value(""),
    "verdict": Value(""),
    "override": Value(False),
    "code": Value(""),
}
_END: _Columns = {
    "ended_at": F("ended_at"),
    "ended_by_id": F("ended_by"),
    "ended_by": F("ended_by__username"),
}
_NO_END: _Columns = {"ended_at": _NO_TIME, "ended_by_id": _NO_KEY, "ended_by": _NO_NAME}


class _Row(NamedTuple):
    """A decision, a claim or a notice as a row of the union; columns that its kind lacks are empty."""

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
        return Decision(
            **self._shared(),
            verdict=self.verdict,
            override=self.override,
            code=self.code,
            note=self.words,
            applicant_text=self.applicant_text,
        )

    def claim(self) -> Claim:
        ended_by = User(pk=self.ended_by_id, username=self.ended_by) if self.ended_by else None
        return Claim(**self._shared(), ended_at=self.ended_at, ended_by=ended_by)

    def notice(self) -> Notice:
        return Notice(**self._shared(), text=self.words)

    def _shared(self) -> dict[str, object]:
        by = User(pk=self.by_id, username=self.by)
        return {"pk": self.pk, "prediction_id": self.prediction, "at": self.at, "by": by}


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What people did on an application, newest first."""

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
        """The claim that has not ended, if there is one."""
        return next((claim for claim in self.claims if claim.ended_at is None), None)


def _rows(prediction: Prediction) -> _CaseRows:
    decisions = _part(Decision, prediction, {"words": F("note")} | _DECISION | _NO_END)
    claims = _part(Claim, prediction, {"words": Value("")} | _NO_DECISION | _END)
    notices = _part(Notice, prediction, {"words": F("text")} | _NO_DECISION | _NO_END)
    return decisions.union(claims, notices, all=True).order_by("-row_at", "-row_pk")


def _part(model: type[Decision | Claim | Notice], prediction: Prediction, columns: _Columns) -> _CaseRows:
    """Return the rows of one model with the columns of `_Row`, under names that no field has."""
    shared: _Columns = {"kind": Value(model._meta.model_name), "pk": F("pk"), "prediction": F("prediction")}
    shared |= {"at": F("at"), "by_id": F("by"), "by": F("by__username")}
    every = shared | columns
    named = {f"row_{name}": every[name] for name in _Row._fields}
    rows = model.objects.of_application(*prediction.application).order_by()
    return rows.annotate(**named).values_list(*named)
