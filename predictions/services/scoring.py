"""The one door to scoring: validated records in, stored predictions out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import IntegrityError
from django.utils import timezone

from ml.gaps import Gaps, missing_by_row
from ml.plausibility import warnings_of
from ml.records import columns_of, inputs_json, values_of
from ml.schema import FEATURES
from ml.scores import Explanation as Explained
from predictions import active_model, active_policy
from predictions.models import Applicant, Explanation, Policy, Prediction, Referral
from predictions.models.owned import Caller
from predictions.scored import Scored
from predictions.services.explanations import explanation_ids
from predictions.services.inserts import as_json, as_time, prepared_insert, prepared_numbered_insert
from predictions.services.turns import call_turn, write_turn

_FEATURES = [feature.name for feature in FEATURES]
_APPLICANT = dict.fromkeys(["owner_id", "loan_id", *_FEATURES, "created_at", "updated_at"], "%s")
_UPSERT = "ON CONFLICT (owner_id, loan_id) DO UPDATE SET " + ", ".join(
    f"{name} = EXCLUDED.{name}" for name in [*_FEATURES, "updated_at"]
)
_APPLICANT_ID = f"(SELECT id FROM {Applicant._meta.db_table} WHERE owner_id = %s AND loan_id = %s)"  # noqa: S608
# Looked up so that one that is gone is noticed here, not when the outermost transaction ends.
_EXPLANATION_ID = f"(SELECT id FROM {Explanation._meta.db_table} WHERE id = %s)"  # noqa: S608
_LOOKED_UP = {"applicant_id": _APPLICANT_ID, "explanation_id": _EXPLANATION_ID}
_PREDICTION = _LOOKED_UP | dict.fromkeys(
    [
        *(
            "owner_id",
            "model_version_id",
            "inputs",
            "missing",
            "warnings",
            "gaps",
            "policy_id",
        ),
        *("approval_probability", "log_odds", "outcome", "source", "request_id"),
        "created_at",
    ],
    "%s",
)

_REFER = Prediction.Outcome.REFER.value


class _Shared(NamedTuple):
    """What all predictions of one call have in common."""

    owner_id: int | None
    source: str
    request_id: str
    now: datetime
    time: Any
    policy: Policy
    policy_id: int


def score(
    *,
    owner: Caller,
    records: Sequence[Any],
    source: Prediction.Source,
    request_id: str,
    now: datetime | None = None,
    policy: Policy | None = None,
) -> list[Scored]:
    """Score records for `owner` and store applicants and predictions, all or nothing.

    They are held to `policy`, or to the one in force. The model is called once. A Loan_ID that repeats is
    scored each time; the applicant keeps the last values.

    Raises
    ------
    NoActiveModel, ModelUnreadable
    """
    now = now or timezone.now()
    policy = policy or active_policy.current()
    shared = _Shared(owner.pk, source.value, request_id, now, as_time(now), policy, policy.pk)
    model = active_model.current()
    with call_turn(len(records)):
        try:
            return _score(model, records, shared)
        except IntegrityError:  # a prune deleted an explanation that is remembered here
            model.explanation_ids.clear()
            return _score(model, records, shared)


def _score(model: active_model.ActiveModel, records: Sequence[Any], shared: _Shared) -> list[Scored]:
    columns = columns_of(records)
    scores = model.predictor.score(columns)
    explanations = [scores.explanation(row) for row in range(len(records))]
    missing = missing_by_row(columns, model.predictor.sources, len(records))
    gaps = [scores.gaps(row) if columns_missing else None for row, columns_missing in enumerate(missing)]
    by_row = zip(records, scores.probability, scores.log_odds, explanations, missing, gaps, strict=True)
    scored = [_scored(model.version_id, shared, facts) for facts in by_row]
    explained_by = explanation_ids(model, explanations)
    keys = [explained_by[explanation.digest] for explanation in explanations]
    rows = [_row(*facts, shared) for facts in zip(scored, records, gaps, keys, strict=True)]
    insert_applicants = prepared_insert(Applicant, _APPLICANT, _applicant_rows(records, shared), _UPSERT)
    insert_predictions = prepared_numbered_insert(Prediction, _PREDICTION, rows)
    with write_turn():
        insert_applicants()
        ids = insert_predictions()
        _mark_referred(scored, ids)
    for result, pk in zip(scored, ids, strict=True):
        result.id = pk
    return scored


def _scored(
    version_id: int,
    shared: _Shared,
    facts: tuple[Any, float, float, Explained, list[str], Gaps | None],
) -> Scored:
    """Return the result of one row, its id still to come."""
    record, probability, log_odds, explanation, missing, gaps = facts
    policy = shared.policy
    return Scored(
        id=0,
        loan_id=record.loan_id,
        approved=policy.approves(probability),
        outcome=policy.outcome(probability, gaps),
        approval_probability=probability,
        threshold=policy.threshold,
        log_odds=log_odds,
        base=explanation.base,
        reasons=explanation.reasons,
        missing=missing,
        could_flip=policy.flipping(gaps),
        warnings=warnings_of(record),
        model_version=version_id,
        created_at=shared.now,
        request_id=shared.request_id,
    )


def _mark_referred(scored: Sequence[Scored], ids: Sequence[int]) -> None:
    """Put the referred cases into the queue."""
    rows = [(pk,) for result, pk in zip(scored, ids, strict=True) if result.outcome == _REFER]
    if rows:
        prepared_insert(Referral, {"prediction_id": "%s"}, rows)()


def _json_list(values: list[Any]) -> str:
    return as_json(values) if values else "[]"  # most are empty


def _row(
    result: Scored, record: Any, gaps: Gaps | None, explanation_id: int, shared: _Shared
) -> tuple[Any, ...]:
    """Return the values of `_PREDICTION`."""
    return (
        shared.owner_id,
        result.loan_id,
        explanation_id,
        shared.owner_id,
        result.model_version,
        inputs_json(record),
        _json_list(result.missing),
        _json_list(result.warnings),
        as_json(gaps) if gaps else "{}",
        shared.policy_id,
        result.approval_probability,
        result.log_odds,
        result.outcome,
        shared.source,
        result.request_id,
        shared.time,
    )


def _applicant_rows(records: Sequence[Any], shared: _Shared) -> list[tuple[Any, ...]]:
    """Return one row per Loan_ID, its last values, in one order for all writers so that none deadlock."""
    last = {record.loan_id: record for record in records}
    times = (shared.time, shared.time)
    return [
        (shared.owner_id, loan_id, *values_of(record), *times) for loan_id, record in sorted(last.items())
    ]
