"""The one door to scoring: checked records in, stored predictions out."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import msgspec
from django.db import IntegrityError
from django.utils import timezone

from ml.applications.plausibility import Remark, Remarks, referring_remarks
from ml.applications.types import Record, to_python
from ml.schemas.schema import Schema
from ml.scorecard.policy_rules import Held
from ml.scorecard.score_cache import CachedScore, ScoreCache
from predictions.live import active_model, active_policy
from predictions.live.active_model import ActiveModel
from predictions.models import BUILT_IN, Policy, Prediction
from predictions.models.product import stored_product
from predictions.models.querysets import AnyUser
from predictions.services.queue.entries import Entrance, Entries, cause_text, prepare_entries
from predictions.services.scoring import namespaces
from predictions.services.scoring.applications import Applications, ColumnApplications, RecordApplications
from predictions.services.scoring.explanations import digest_of, explanation_ids
from predictions.services.writing.inserts import as_json, as_time, prepare_insert_with_ids
from predictions.services.writing.locks import write_transaction
from predictions.services.writing.replies import (
    PredictionReply,
    ScoredKind,
    ScoredRows,
    model_notices,
    raw_json,
    split_json,
)

# `ScoredRows` replaces these by the values of its call.
_CALL_FIELDS: dict[str, Any] = {
    "id": 0,
    "loan_id": "",
    "warnings": [],
    "model_version": 0,
    "created_at": datetime.min,
    "request_id": "",
}
_MAX_POLICIES = 8
_MAX_FINDINGS = 32  # of a kind
PREDICTION_COLUMNS = ["loan_id", "inputs", "warnings", "explanation_id", "approval_probability", "outcome"]
_REFER = Prediction.Outcome.REFER.value
BeforeInsert = Callable[[], None]
AfterInsert = Callable[[ScoredRows], None]


class _Call(NamedTuple):
    """The values that all predictions of one call share."""

    owner: AnyUser
    made_by: AnyUser | None
    model: ActiveModel
    policy: Policy
    source: str
    request_id: str
    now: datetime
    batch_id: int | None
    queue: bool

    def columns(self) -> dict[str, object]:
        product = stored_product(self.model.product_id)
        made_by = {} if self.made_by is None else {"made_by_id": self.made_by.pk}
        return ({} if product is None else {"product_id": product}) | {
            **made_by,
            "owner_id": self.owner.pk,
            "model_version_id": self.model.version_id,
            "policy_id": self.policy.pk,
            "source": self.source,
            "request_id": self.request_id,
            "created_at": as_time(self.now),
        }


def score_records(
    *,
    owner: AnyUser,
    records: Sequence[Record] | ColumnApplications,
    source: Prediction.Source,
    request_id: str,
    product_id: int = BUILT_IN,
    now: datetime | None = None,
    policy: Policy | None = None,
    model: ActiveModel | None = None,
    made_by: AnyUser | None = None,
    before_insert: BeforeInsert | None = None,
    after_insert: AfterInsert | None = None,
    batch_id: int | None = None,
    queue: bool = True,
) -> ScoredRows:
    """Score records for `owner` and store the predictions, all or none.

    Parameters
    ----------
    records : sequence of Record, or ColumnApplications
        A Loan_ID that repeats is scored each time.
    product_id : int
        The product whose model and policy are in force.
    policy, model : optional
        Those of a product, in place of its active ones. The model is called at most once: not for kinds
        that it knows.
    made_by : user, optional
        Who scores them, if that is not `owner`.
    before_insert : callable, optional
        Called in the transaction before anything is stored. An exception stores nothing.
    after_insert : callable, optional
        Called in the transaction with the stored rows. An exception undoes everything.
    batch_id : int, optional
        The batch that the records are of.
    queue : bool
        Whether referred cases enter the queue. Their outcome is the same.

    Raises
    ------
    NoActiveModel, ModelLoading, ModelUnreadable
    FormChanged
        If the records were read by another schema than the model's: a version of another schema became active
        meanwhile.
    LoanIdTaken
        If a Loan_ID is of another staff account's application. Nothing is stored of any row.
    """
    model = model or active_model.current(product_id)
    call = _Call(
        owner=owner,
        made_by=made_by,
        model=model,
        policy=policy or active_policy.current(model.product_id),
        source=source.value,
        request_id=request_id,
        now=now or timezone.now(),
        batch_id=batch_id,
        queue=queue,
    )
    return store_prepared(PreparedCall(call, records), before_insert, after_insert)


def prepare_call(
    *,
    owner: AnyUser,
    records: Sequence[Record],
    source: Prediction.Source,
    request_id: str,
    model: ActiveModel,
    policy: Policy,
) -> "PreparedCall":
    """Score the records of one call by API, ready to be stored (see `score_records`)."""
    call = _Call(owner, None, model, policy, source.value, request_id, timezone.now(), None, queue=True)
    return PreparedCall(call, records)


def prepare_batch(
    *,
    owner: AnyUser,
    records: ColumnApplications,
    request_id: str,
    model: ActiveModel,
    policy: Policy,
    batch_id: int,
    queue: bool,
) -> "PreparedCall":
    """Score some records of a batch, ready to be stored (see `score_records`)."""
    source = Prediction.Source.BATCH.value
    call = _Call(owner, None, model, policy, source, request_id, timezone.now(), batch_id, queue)
    return PreparedCall(call, records)


def store_prepared(
    prepared: "PreparedCall",
    before_insert: BeforeInsert | None = None,
    after_insert: AfterInsert | None = None,
) -> ScoredRows:
    """Store what was prepared (see `score_records`)."""
    try:
        return _store(prepared, before_insert, after_insert)
    except IntegrityError:  # a prune deleted an explanation whose id is remembered
        return _store(prepared.prepared_anew(), before_insert, after_insert)


def _store(
    prepared: "PreparedCall", before_insert: BeforeInsert | None, after_insert: AfterInsert | None
) -> ScoredRows:
    with write_transaction():
        prepared.require_free()
        if before_insert:
            before_insert()
        scored = prepared.store()
        if after_insert:
            after_insert(scored)
    return scored


class PreparedCall:
    """The scored records of one call: all that can be done before the transaction, which others wait for.

    New explanations are stored when a call is prepared.
    """

    def __init__(self, call: _Call, records: Sequence[Record] | ColumnApplications) -> None:
        self._call, self._records = call, records
        given = _applications(call.model.schema, records)
        self._remarks = call.model.remarks(given.columns)
        self._kinds = _judged(call, given, self._remarks)
        self.rows = _rows(call.model, given, self._kinds, self._remarks)
        self.shared = call.columns()
        self._insert = prepare_insert_with_ids(Prediction, PREDICTION_COLUMNS, self.rows, self.shared)
        self.entries = _prepare_referrals(call, given, self._kinds)
        self.of_staff = namespaces.shares_staff_ids(call.owner)
        self.loan_ids = given.loan_ids

    def prepared_anew(self) -> "PreparedCall":
        """Prepare the same again, with explanations that are looked up."""
        self._call.model.explanation_ids.clear()
        return PreparedCall(self._call, self._records)

    def require_free(self) -> None:
        """For the staff, check in the open transaction that no Loan_ID is taken.

        Raises `LoanIdTaken` (see `namespaces.require_free`).
        """
        if self.of_staff:
            owner, product_id = self._call.owner, self._call.model.product_id
            namespaces.require_free(owner=owner, product_id=product_id, loan_ids=self.loan_ids)

    def store(self) -> ScoredRows:
        """Store the predictions, and the referred cases in the queue, in the open transaction."""
        ids = self._insert()
        self.entries.enter(ids)
        return self.stored(ids)

    def stored(self, ids: Sequence[int]) -> ScoredRows:
        """Return the predictions, which are stored under these ids."""
        call = self._call
        facts = model_notices(call.model), call.model.version_id, call.now, call.request_id
        return ScoredRows(ids, self.loan_ids, self._kinds, self._remarks, *facts)


def _applications(schema: Schema, records: Sequence[Record] | ColumnApplications) -> Applications:
    return records if isinstance(records, ColumnApplications) else RecordApplications(schema, records)


def _judged(call: _Call, given: Applications, remarks: Mapping[int, list[Remark]]) -> list[ScoredKind]:
    """Return the result of each row: that of its kind, unless a remark, a rule or the limit changes it."""
    schema, policy = call.model.schema, call.policy
    kinds = scored_kinds(call.model, policy)(given.columns)
    held_by_row = policy.rule.held_by_row(schema, given.columns)
    for row, held in held_by_row.items():
        if row not in remarks:
            kinds[row] = _with_findings(schema, kinds[row], policy, (), held)
    for row, remarks_of_row in remarks.items():
        referring = referring_remarks(schema, remarks_of_row, given.values(row))
        kinds[row] = _with_findings(schema, kinds[row], policy, referring, held_by_row.get(row, ()))
    return kinds


def _rows(
    model: ActiveModel,
    given: Applications,
    kinds: Sequence[ScoredKind],
    remarks: Mapping[int, list[Remark]],
) -> list[tuple[object, ...]]:
    """Return the values of `PREDICTION_COLUMNS`."""
    distinct = set(kinds)
    ids = explanation_ids(model, distinct)
    shared = {kind: (ids[kind.digest], *kind.stored) for kind in distinct}
    warnings = ["[]"] * len(kinds)
    for row, remarks_of_row in remarks.items():
        warnings[row] = as_json(remarks_of_row)
    facts = zip(given.loan_ids, given.inputs(), warnings, kinds, strict=True)
    return [(loan_id, inputs, warned, *shared[kind]) for loan_id, inputs, warned, kind in facts]


def _prepare_referrals(call: _Call, given: Applications, kinds: Sequence[ScoredKind]) -> Entries:
    """Prepare the entries of the referred cases in the queue."""
    entrance = Entrance(call.owner.pk, call.model.product_id, call.source, call.now, call.batch_id)
    waiting = enumerate(kinds if call.queue else ())
    causes = {row: kind.causes for row, kind in waiting if kind.reply.outcome == _REFER}
    amounts = given.columns[call.model.schema.amount] if call.model.schema.amount else None
    asked = {row: None if amounts is None else to_python(amounts[row]) for row in causes}
    return prepare_entries(entrance, given.loan_ids, asked, causes)


def scored_kinds(model: ActiveModel, policy: Policy) -> ScoreCache[ScoredKind]:
    """Return the cache that scores columns by this model and this policy."""
    by_policy = model.scored_kinds
    if policy.pk not in by_policy:
        if len(by_policy) >= _MAX_POLICIES:
            by_policy.clear()
        by_policy[policy.pk] = ScoreCache(model.predictor, partial(_make_kind, model.schema, policy))
    cache: ScoreCache[ScoredKind] = by_policy[policy.pk]
    return cache


def _with_findings(
    schema: Schema, kind: ScoredKind, policy: Policy, remarks: Remarks, held: Held
) -> ScoredKind:
    """Return the result of one application of the kind, with what its own values refer or deny it for."""
    if not (held or policy.rule.refers_for(remarks)):
        return kind
    key = held, *((remark["code"], remark["attr"], remark["detail"]) for remark in remarks)
    found = kind.with_findings.get(key)
    if found is None:
        verdict = _verdict(schema, policy, kind.score, remarks, held)
        found = _as_kind(kind.score, msgspec.structs.replace(kind.reply, **verdict), kind.digest)
        if len(kind.with_findings) >= _MAX_FINDINGS:  # the words of a remark may name a value
            kind.with_findings.clear()
        kind.with_findings[key] = found
    return found


def _make_kind(schema: Schema, policy: Policy, score: CachedScore) -> ScoredKind:
    reply = PredictionReply(
        **_CALL_FIELDS,
        **_verdict(schema, policy, score),
        approval_probability=score.probability,
        threshold=policy.threshold,
        log_odds=score.log_odds,
        base=score.explanation.base,
        reasons_json=raw_json(score.explanation.reasons),
        missing=score.missing,
    )
    return _as_kind(score, reply, digest_of(score))


def _as_kind(score: CachedScore, reply: PredictionReply, digest: str) -> ScoredKind:
    stored = score.probability, reply.outcome
    return ScoredKind(score, reply, split_json(reply).kind, digest, stored, cause_text(reply.causes))


def _verdict(
    schema: Schema, policy: Policy, score: CachedScore, remarks: Remarks = (), held: Held = ()
) -> dict[str, Any]:
    """Return the values of a reply that depend on the application's own values."""
    rule = policy.rule
    return {
        "approved": rule.approves(score.probability, remarks, held),
        "outcome": rule.outcome(score.probability, score.gaps, remarks, held),
        "causes": rule.causes(schema, score.probability, score.gaps, remarks, held),
        "could_flip": rule.columns_that_flip(score.gaps, held),
    }
