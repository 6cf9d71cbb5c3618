"""One effect per form that a page showed: a second click gets what the first one made.

A form carries a token of its own: the same values in another tab are another wish. So is the same form with
other values, after somebody went back and changed one.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from predictions.models import KeptAnswer
from predictions.services.writing.locks import write_turn

_SEE_OTHER = 303


def once(*, owner_id: int, token: str, values: Any, make: Callable[[], int]) -> int:
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
    with write_turn():
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
