"""Complete the queue's entries of servers of the release before and of older databases.

Those servers name the prediction alone, and each prediction of an application that they refer has an entry.
"""

import contextlib
import re
from collections.abc import Iterable, Sequence

from django.db import IntegrityError
from django.db.models import QuerySet

from ml.applications.values import compose_nfc
from predictions.models import Batch, Claim, Prediction, Referral
from predictions.models.prediction import ReferralQuerySet
from predictions.services.queue.entries import cause_text
from predictions.services.writing.locks import write_transaction

AT_ONCE = 500
_BATCH = re.compile(r"batch-([0-9]{1,18})-[0-9]+")  # `BatchChunk.request_id`
_Key = tuple[str, int, int]


def complete_entries() -> None:
    """Fill in the bare entries. Those that another process changes at this moment wait for the next call."""
    last = 0
    while pks := list(_bare().filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        with contextlib.suppress(IntegrityError), write_transaction():
            _complete(_bare().filter(pk__in=pks))
        last = pks[-1]


def _bare() -> ReferralQuerySet:
    """Return the entries without the queue's columns. The unique index finds them."""
    return Referral.objects.filter(loan_id="", owner=None)


def _complete(bare: ReferralQuerySet) -> None:
    """Fill in some entries, in one transaction. Several of one application become one."""
    locked = bare.select_for_update(of=("self",)).select_related("prediction__policy").order_by("pk")
    by_application: dict[_Key, list[Referral]] = {}
    for entry in locked:
        by_application.setdefault(_key(entry.prediction), []).append(entry)
    completed, holders = _completed(by_application), _holders()
    batches = _existing_batches(entry.prediction for entries in by_application.values() for entry in entries)
    for key, entries in by_application.items():
        _merge(key, entries, completed.get(key), holders.get(key), batches)


def _merge(
    key: _Key, bare: Sequence[Referral], completed: Referral | None, holder: int | None, batches: set[int]
) -> None:
    """Make one entry of those of an application: in place, so that a decision that waits for it ends it."""
    kept = completed or bare[-1]
    newest = max([kept, *bare], key=lambda entry: entry.pk).prediction
    first = bare[0].prediction.created_at
    Referral.objects.filter(pk__in=[entry.pk for entry in bare if entry is not kept]).delete()
    facts = dict(zip(("loan_id", "owner", "product"), key, strict=True)) | _facts(newest, batches)
    Referral.objects.filter(pk=kept.pk).update(
        **facts,
        prediction=newest,
        since=min(kept.since or first, first),
        assigned_to=kept.assigned_to_id or holder,
    )


def _facts(prediction: Prediction, batches: set[int]) -> dict[str, object]:
    """Return what the queue shows of a prediction."""
    column, batch = prediction.schema.amount, _batch_id(prediction)
    amount = prediction.inputs.get(column) if column else None
    return {
        "amount": amount if isinstance(amount, int | float) else None,
        "causes": cause_text(prediction.causes),
        "source": prediction.source,
        "batch": batch if batch in batches else None,
    }


def _key(prediction: Prediction) -> _Key:
    return compose_nfc(prediction.loan_id), prediction.owner_id, prediction.product_key


def _completed(keys: Iterable[_Key]) -> dict[_Key, Referral]:
    """Return the complete entries of some applications."""
    rows = Referral.objects.filter(loan_id__in=[loan_id for loan_id, _, _ in keys]).exclude(owner=None)
    locked = rows.select_for_update(of=("self",)).select_related("prediction__policy").order_by("pk")
    return {_key(entry.prediction): entry for entry in locked}


def _holders() -> dict[_Key, int]:
    """Return who holds which application: servers of the release before do not write it into the queue."""
    open_claims: QuerySet[Claim] = Claim.objects.filter(ended_at=None).select_related("prediction")
    return {_key(claim.prediction): claim.by_id for claim in open_claims}


def _batch_id(prediction: Prediction) -> int | None:
    named = _BATCH.fullmatch(prediction.request_id) if prediction.source == prediction.Source.BATCH else None
    return int(named[1]) if named else None


def _existing_batches(predictions: Iterable[Prediction]) -> set[int]:
    named = {pk for pk in map(_batch_id, predictions) if pk}
    return set(Batch.objects.filter(pk__in=named).values_list("pk", flat=True))
