"""One effect for each Idempotency-Key, and for each form of a page, however often it is sent.

Effect and kept reply are one transaction, which begins before the effect is worked out: after a kill there
are both or neither. The call that works on a key holds a lock that ends with its process.

A form carries a token of its own: the same values in another tab are another request, and so is the same form
with other values.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError
from django.utils import timezone

from predictions.errors import KeyInUse, KeyReused
from predictions.models import KeptAnswer
from predictions.services.writing.locks import key_lock, write_transaction


class KeptReply(NamedTuple):
    status: int
    content: bytes
    replayed: bool = False


def reply_once_per_key(
    *, owner_id: int, key: str, digest: str, make_reply: Callable[[], KeptReply], now: datetime | None = None
) -> KeptReply:
    """Return the reply kept for this key, or make one and keep it; refusals (400 and up) are not kept.

    Raises
    ------
    KeyInUse
        While another call with this key is being answered.
    KeyReused
        When the key was used for another address or body.
    """
    now = now or timezone.now()
    with key_lock(f"{owner_id} {key}") as free:
        if not free:
            raise KeyInUse
        with write_transaction():
            KeptAnswer.objects.outdated(now).delete()
            kept = KeptAnswer.objects.filter(owner=owner_id, key=key).first()
            return _replay(kept, digest) if kept else _keep(owner_id, key, digest, make_reply(), now)


def _replay(kept: KeptAnswer, digest: str) -> KeptReply:
    if kept.digest != digest:
        raise KeyReused
    return KeptReply(kept.status, bytes(kept.content), replayed=True)


def _keep(owner_id: int, key: str, digest: str, reply: KeptReply, now: datetime) -> KeptReply:
    if reply.status < 400:
        facts = {"owner_id": owner_id, "key": key, "digest": digest, "at": now}
        KeptAnswer.objects.create(**facts, status=reply.status, content=reply.content)
    return reply


_SEE_OTHER = 303


def create_once(*, owner_id: int, token: str, values: object, make: Callable[[], int]) -> int:
    """Return the id of the row that `make` adds, or that it added when this form was sent before.

    `make` runs in the transaction that keeps its id. Without a token every call adds a row.
    """
    if not token:
        return make()
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    try:
        return _once(owner_id, token, digest, make)
    except IntegrityError:  # of two clicks at once the other was quicker, and has ended by now
        return _once(owner_id, token, digest, make)


def _once(owner_id: int, token: str, digest: str, make: Callable[[], int]) -> int:
    key = f"\N{SECTION SIGN}{token}"  # no header can hold this sign, so no Idempotency-Key is the same
    now = timezone.now()
    with write_transaction():
        KeptAnswer.objects.outdated(now).delete()
        kept = KeptAnswer.objects.select_for_update().filter(owner=owner_id, key=key).first()
        if kept and kept.digest == digest:
            return int(bytes(kept.content))
        pk = make()
        facts = {"digest": digest, "status": _SEE_OTHER, "content": str(pk).encode(), "at": now}
        if kept:
            KeptAnswer.objects.filter(pk=kept.pk).update(**facts)
        else:
            KeptAnswer.objects.create(owner_id=owner_id, key=key, **facts)
    return pk
