"""The one door to scoring: validated records in, stored predictions out."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from ml.applications.plausibility import Remark, referring_remarks
from ml.applications.records import columns_of, json_lines, values_of
from ml.scorecard import scores
from predictions.live import active_model, active_policy
from predictions.live.active_model import ActiveModel
from predictions.models import Explanation, Policy, Prediction, Referral
from predictions.models.querysets import AnyUser
from predictions.services.scoring.scored import model_notices
from predictions.services.scoring.verdicts import (
    STORED_FIELDS,
    ScoredKind,
    ScoredRows,
    scored_kinds,
    with_remarks,
)
from predictions.services.writing.inserts import as_json, as_time, prepare_insert, prepare_insert_with_ids
from predictions.services.writing.locks import write_transaction

_EXPLANATION_COLUMNS = ["digest", "base", "reasons"]
_MOST_REMEMBERED = 50_000  # of a model whose rows all have an explanation of their own


def explanation_ids(model: ActiveModel, explanations: Iterable[scores.ScoreExplanation]) -> Mapping[str, int]:
    """Return the id of each digest; those that are new are stored first, in a transaction of their own.

    One that no prediction follows does no harm: it is the same for all that may come.
    """
    its = {found.digest: found for found in explanations}
    # That a remembered one is gone shows when the transaction ends: too late for who is within another one.
    known = _looked_up(its) if connection.in_atomic_block else model.explanation_ids
    new = {digest: its[digest] for digest in its.keys() - known.keys()}
    return known | _stored(new, model.explanation_ids) if new else known


def _looked_up(digests: Collection[str]) -> dict[str, int]:
    stored = Explanation.objects.only("digest").in_bulk(list(digests), field_name="digest")
    return {digest: explanation.pk for digest, explanation in stored.items()}


def _stored(new: Mapping[str, scores.ScoreExplanation], remembered: dict[str, int]) -> dict[str, int]:
    # In one order for all writers, so that none deadlock.
    rows = [(digest, new[digest].base, as_json(new[digest].reasons)) for digest in sorted(new)]
    insert = prepare_insert(Explanation, _EXPLANATION_COLUMNS, rows, "ON CONFLICT (digest) DO NOTHING")
    with write_transaction():
        insert()
    ids = _looked_up(new)
    if len(remembered) + len(ids) <= _MOST_REMEMBERED:
        transaction.on_commit(lambda: remembered.update(ids))
    return ids


_PREDICTION_COLUMNS = ["explanation_id", "loan_id", "inputs", "warnings", *STORED_FIELDS]
_REFER = Prediction.Outcome.REFER.value
AfterInsert = Callable[[Sequence[int], int], None]


class _Call(NamedTuple):
    """What all predictions of one call have in common."""

    owner_id: int | None
    model: active_model.ActiveModel
    policy: Policy
    source: str
    request_id: str
    now: datetime

    def columns(self) -> dict[str, Any]:
        return {
            "owner_id": self.owner_id,
            "model_version_id": self.model.version_id,
            "policy_id": self.policy.pk,
            "source": self.source,
            "request_id": self.request_id,
            "created_at": as_time(self.now),
        }


def score_records(
    *,
    owner: AnyUser,
    records: Sequence[Any],
    source: Prediction.Source,
    request_id: str,
    now: datetime | None = None,
    policy: Policy | None = None,
    model: active_model.ActiveModel | None = None,
    also: AfterInsert | None = None,
) -> ScoredRows:
    """Score records for `owner` and store the predictions, all or nothing.

    They are held to `policy`, or to the one in force; `model` is called once, or the active one. A Loan_ID
    that repeats is scored each time. `also` is called with the ids of the predictions, and with how many of
    them have a remark, within the transaction, and what it raises undoes all.

    Raises
    ------
    NoActiveModel, ModelUnreadable
    """
    call = _Call(
        owner_id=owner.pk,
        model=model or active_model.current(),
        policy=policy or active_policy.current(),
        source=source.value,
        request_id=request_id,
        now=now or timezone.now(),
    )
    try:
        return _score(call, records, also)
    except IntegrityError:  # a prune deleted an explanation that is remembered here
        call.model.explanation_ids.clear()
        return _score(call, records, also)


def _score(call: _Call, records: Sequence[Any], also: AfterInsert | None) -> ScoredRows:
    columns = columns_of(records)
    judged, remarks = scored_kinds(call.model, call.policy)(columns), call.model.remarks(columns)
    for row, found in remarks.items():
        may_refer = referring_remarks(found, records[row].coapplicant_income)
        judged[row] = with_remarks(judged[row], call.policy, may_refer)
    rows = _rows(call.model, records, judged, remarks)
    insert = prepare_insert_with_ids(Prediction, _PREDICTION_COLUMNS, rows, call.columns())
    with write_transaction():
        ids = insert()
        _mark_referred(judged, ids)
        if also:
            also(ids, len(remarks))
    loan_ids = [record.loan_id for record in records]
    notices = model_notices(call.model)
    version_id = call.model.version_id
    return ScoredRows(ids, loan_ids, judged, remarks, notices, version_id, call.now, call.request_id)


def _rows(
    model: active_model.ActiveModel,
    records: Sequence[Any],
    judged: Sequence[ScoredKind],
    remarks: Mapping[int, list[Remark]],
) -> list[tuple[Any, ...]]:
    """Return the values of `_PREDICTION_COLUMNS`."""
    known = explanation_ids(model, (verdict.explanation for verdict in set(judged)))
    warnings = {row: as_json(found) for row, found in remarks.items()}
    facts = zip(records, json_lines([*map(values_of, records)]), judged, strict=True)
    return [
        (known[verdict.explanation.digest], record.loan_id, inputs, warnings.get(row, "[]"), *verdict.stored)
        for row, (record, inputs, verdict) in enumerate(facts)
    ]


def _mark_referred(judged: Sequence[ScoredKind], ids: Sequence[int]) -> None:
    """Put the referred cases into the queue."""
    rows = [(pk,) for verdict, pk in zip(judged, ids, strict=True) if verdict.scored.outcome == _REFER]
    if rows:
        prepare_insert(Referral, ["prediction_id"], rows)()
