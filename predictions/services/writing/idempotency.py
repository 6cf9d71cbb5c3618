"""One effect per Idempotency-Key, however often a call is sent, by whichever process, killed or not.

The effect and the answer are one transaction: after a kill there are both or none of them. Who works on a key
holds a lock that ends with the process.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

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
    *, owner_id: int, key: str, digest: str, produce: Callable[[], KeptReply], now: datetime | None = None
) -> KeptReply:
    """Return the answer kept for this key, or the one that `produce` gives; a refusal (400 up) is not kept.

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
            return _again(kept, digest) if kept else _first(owner_id, key, digest, produce(), now)


def _again(kept: KeptAnswer, digest: str) -> KeptReply:
    if kept.digest != digest:
        raise KeyReused
    return KeptReply(kept.status, bytes(kept.content), replayed=True)


def _first(owner_id: int, key: str, digest: str, made: KeptReply, now: datetime) -> KeptReply:
    if made.status < 400:
        facts = {"owner_id": owner_id, "key": key, "digest": digest, "at": now}
        KeptAnswer.objects.create(**facts, status=made.status, content=made.content)
    return made


_SEE_OTHER = 303


def create_once(*, owner_id: int, token: str, values: Any, make: Callable[[], int]) -> int:
    """Return the id of what `make` made, now or when this form last came with these values.

    `make` runs in the transaction that remembers its id. Without a token each call makes something.
    """
    if not token:
        return make()
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    try:
        return _once(owner_id, token, digest, make)
    except IntegrityError:  # two clicks at once: the other one was quicker, and has ended by now
        return _once(owner_id, token, digest, make)


def _once(owner_id: int, token: str, digest: str, make: Callable[[], int]) -> int:
    key = f"\N{SECTION SIGN}{token}"  # no header can hold this sign: nobody's Idempotency-Key is the same
    now = timezone.now()
    with write_transaction():
        KeptAnswer.objects.outdated(now).delete()
        kept = KeptAnswer.objects.select_for_update().filter(owner=owner_id, key=key).first()
        if kept and kept.digest == digest:
            return int(bytes(kept.content))
        made = make()
        facts = {"digest": digest, "status": _SEE_OTHER, "content": str(made).encode(), "at": now}
        if kept:
            KeptAnswer.objects.filter(pk=kept.pk).update(**facts)
        else:
            KeptAnswer.objects.create(owner_id=owner_id, key=key, **facts)
    return made
