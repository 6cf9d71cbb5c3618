"""The one door to scoring: validated records in, stored predictions out."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import IntegrityError
from django.utils import timezone

from ml.plausibility import InputWarning, suspects, warnings_of
from ml.records import columns_of, inputs_json
from predictions import active_model, active_policy
from predictions.models import Explanation, Policy, Prediction, Referral
from predictions.models.owned import Caller
from predictions.scored import Scored
from predictions.services.explanations import explanation_ids
from predictions.services.inserts import as_json, as_time, prepared_insert, prepared_numbered_insert
from predictions.services.turns import write_turn
from predictions.services.verdicts import Verdict, verdicts

# Looked up so that one that is gone is noticed here, not when the outermost transaction ends.
_EXPLANATION_ID = f"(SELECT id FROM {Explanation._meta.db_table} WHERE id = %s)"  # noqa: S608
_PREDICTION = {"explanation_id": _EXPLANATION_ID} | dict.fromkeys(
    [
        "loan_id",
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
Also = Callable[[Sequence[int]], None]


class _Shared(NamedTuple):
    """What all predictions of one call have in common."""

    owner_id: int | None
    version_id: int
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
    model: active_model.ActiveModel | None = None,
    also: Also | None = None,
) -> list[Scored]:
    """Score records for `owner` and store the predictions, all or nothing.

    They are held to `policy`, or to the one in force; `model` is called once, or the active one. A Loan_ID
    that repeats is scored each time. `also` is called with the ids of
    the predictions within the transaction, and what it raises undoes all.

    Raises
    ------
    NoActiveModel, ModelUnreadable
    """
    now = now or timezone.now()
    policy = policy or active_policy.current()
    model = model or active_model.current()
    shared = _Shared(
        owner.pk, model.version_id, source.value, request_id, now, as_time(now), policy, policy.pk
    )
    try:
        return _score(model, records, shared, also)
    except IntegrityError:  # a prune deleted an explanation that is remembered here
        model.explanation_ids.clear()
        return _score(model, records, shared, also)


def _score(
    model: active_model.ActiveModel, records: Sequence[Any], shared: _Shared, also: Also | None
) -> list[Scored]:
    columns = columns_of(records)
    judged = verdicts(model, shared.policy)(columns)
    warned = {row: found for row in suspects(columns) if (found := warnings_of(records[row]))}
    explained_by = explanation_ids(model, (verdict.explanation for verdict in set(judged)))
    rows = _rows(records, judged, warned, explained_by, shared)
    insert_predictions = prepared_numbered_insert(Prediction, _PREDICTION, rows)
    with write_turn():
        ids = insert_predictions()
        _mark_referred(judged, ids)
        if also:
            also(ids)
    return [
        _scored(pk, record.loan_id, verdict, warned.get(row, []), shared)
        for row, (pk, record, verdict) in enumerate(zip(ids, records, judged, strict=True))
    ]


def _scored(pk: int, loan_id: str, verdict: Verdict, warnings: list[InputWarning], shared: _Shared) -> Scored:
    # By place: by name it takes twice as long.
    return Scored(
        pk,
        loan_id,
        verdict.approved,
        verdict.outcome,
        verdict.probability,
        verdict.threshold,
        verdict.log_odds,
        verdict.explanation.base,
        verdict.reasons,
        verdict.missing,
        verdict.could_flip,
        warnings,
        shared.version_id,
        shared.now,
        shared.request_id,
    )


def _mark_referred(judged: Sequence[Verdict], ids: Sequence[int]) -> None:
    """Put the referred cases into the queue."""
    rows = [(pk,) for verdict, pk in zip(judged, ids, strict=True) if verdict.outcome == _REFER]
    if rows:
        prepared_insert(Referral, {"prediction_id": "%s"}, rows)()


def _rows(
    records: Sequence[Any],
    judged: Sequence[Verdict],
    warned: Mapping[int, list[InputWarning]],
    explained_by: Mapping[str, int],
    shared: _Shared,
) -> list[tuple[Any, ...]]:
    """Return the values of `_PREDICTION`."""
    owner_id, version_id, policy_id = shared.owner_id, shared.version_id, shared.policy_id
    last = (shared.source, shared.request_id, shared.time)
    warnings = {row: as_json(found) for row, found in warned.items()}
    facts = zip(records, inputs_json(records), judged, strict=True)
    return [
        (
            *(explained_by[verdict.explanation.digest], record.loan_id, owner_id, version_id, inputs),
            *(verdict.missing_json, warnings.get(row, "[]"), verdict.gaps_json, policy_id),
            *(verdict.probability, verdict.log_odds, verdict.outcome, *last),
        )
        for row, (record, inputs, verdict) in enumerate(facts)
    ]
