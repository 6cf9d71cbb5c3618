"""Values in place: fill in or correct the values of an application, which assesses it again."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from django.core.exceptions import PermissionDenied

from ml.applications.records import InvalidRecord, read_json_row, values_by_column
from ml.applications.types import Record, Value
from ml.applications.values import show_value
from ml.errors import InvalidValue
from ml.schemas.schema import Schema
from predictions.errors import InvalidFields
from predictions.live import active_model
from predictions.models import ApplicationEvent, Prediction
from predictions.models.querysets import AnyUser
from predictions.roles import DECIDE, SEE_ALL
from predictions.services.queue.claims import lock_newest, require_no_other_claim
from predictions.services.scoring import scoring
from predictions.services.writing import audit
from predictions.services.writing.locks import write_transaction
from predictions.services.writing.replies import PredictionReply
from predictions.words.written import checked_note

Changes = dict[str, list[Value]]  # the value before and after, by column


def change_values(
    *,
    prediction: Prediction,
    by: AnyUser,
    values: object,
    why: object = "",
    source: Prediction.Source,
    request_id: str,
    now: datetime | None = None,
) -> PredictionReply:
    """Score an application with some values changed, as a new prediction of the same application.

    Its owner stays, its claim and its place in the queue too: a case that waits goes on waiting for a person.

    Parameters
    ----------
    prediction
        The newest one of the application.
    values
        The changed values by column, as JSON gives them.
    why
        The reason, for colleagues. It may be empty.

    Raises
    ------
    PermissionDenied
        Unless `by` owns the application, has claimed it, or may decide on everybody's.
    InvalidFields
        If a value is invalid, or none differs.
    OutdatedPrediction
        If the application was scored again.
    Conflict
        If another person has claimed the case.
    NoActiveModel, ModelLoading, ModelUnreadable
    """
    model = active_model.current(prediction.product_key)
    event = {"kind": ApplicationEvent.Kind.VALUES_CHANGED, "text": _checked_why(why), "by_id": by.pk}
    record = _changed_record(model.schema, prediction, values)
    changes = _changes(prediction, values_by_column(record))
    with write_transaction():
        lock_newest(prediction)
        _require_worker(prediction, by)
        reply = scoring.score_records(
            owner=prediction.owner,
            records=[record],
            source=source,
            request_id=request_id,
            product_id=prediction.product_key,
            made_by=None if by.pk == prediction.owner_id else by,
            model=model,
            now=now,
        )[0]
        at = now or reply.created_at
        ApplicationEvent.objects.create(prediction_id=reply.id, detail=changes, at=at, **event)
        # No value of an applicant is in the audit log.
        audited = {"prediction": reply.id, "before": prediction.pk, "columns": [*changes]}
        audit.record(by=by, action="change values", detail=audited, now=at)
    return reply


def _require_worker(prediction: Prediction, by: AnyUser) -> None:
    """Raise `PermissionDenied` unless `by` owns the application, has claimed it, or decides everybody's."""
    claim = require_no_other_claim(prediction=prediction, by=by)
    decides_all = by.has_perm(DECIDE) and by.has_perm(SEE_ALL)
    if not (claim or decides_all or prediction.owner_id == by.pk):
        raise PermissionDenied


def _changed_record(schema: Schema, prediction: Prediction, values: object) -> Record:
    """Return the application with its changed values, checked by the rules of scoring."""
    if not isinstance(values, Mapping):
        detail = f"An object of values by column is expected, not {show_value(values)}."
        raise InvalidFields({"values": InvalidValue("invalid", detail)})
    kept = {column: value for column, value in prediction.inputs.items() if column in schema.by_column}
    try:
        record = read_json_row(schema, {**kept, **values})
    except InvalidRecord as error:
        faults = {fault.attr or "values": InvalidValue(fault.code, fault.detail) for fault in error.faults}
        raise InvalidFields(faults) from None
    if record.loan_id is not None:
        detail = "The Loan_ID of an application cannot be changed."
        raise InvalidFields({schema.id_field: InvalidValue("unknown_field", detail)})
    return msgspec.structs.replace(record, loan_id=prediction.loan_id)


def _changes(prediction: Prediction, values: Mapping[str, Value]) -> Changes:
    old = prediction.inputs
    changes = {column: [old.get(column), new] for column, new in values.items() if old.get(column) != new}
    if not changes:
        detail = "No value differs from the newest prediction."
        raise InvalidFields({"values": InvalidValue("unchanged", detail)})
    return changes


def _checked_why(why: object) -> str:
    try:
        return checked_note(why)
    except InvalidValue as error:
        raise InvalidFields({"why": error}) from None
