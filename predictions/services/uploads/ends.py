"""What became of a file or a schema that somebody looked at, kept for a day for whoever goes back to it."""

import json
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from django.utils import timezone

from predictions.models import FileDraft, KeptAnswer, ProductDraft

Draft = FileDraft | ProductDraft
_GONE = 410


class Became(StrEnum):
    """What becomes of a draft: a batch, a training, a schema of a product, or nothing."""

    SCORED = "scored"
    TRAINED = "trained"
    SAVED = "saved"
    DISCARDED = "discarded"
    ABANDONED = "abandoned"


class End(NamedTuple):
    """What became of a draft, what it was called, and the id of what it became."""

    became: Became
    name: str
    target: int | None = None


def record_end(draft: Draft, became: Became, target: int | None = None, now: datetime | None = None) -> None:
    """Keep what becomes of a draft, in the transaction that deletes it."""
    content = json.dumps([became, str(draft), target]).encode()
    facts = {"digest": "", "status": _GONE, "content": content, "at": now or timezone.now()}
    key = _key(type(draft), draft.pk)
    KeptAnswer.objects.update_or_create(owner_id=draft.owner_id, key=key, defaults=facts)


def end_of(model: type[Draft], *, owner_id: int, pk: int, now: datetime | None = None) -> End | None:
    """Return what became of a user's draft; ``None`` if it is not over, of somebody else, or long gone."""
    drafts: Any = model._default_manager
    if row := drafts.abandoned(now or timezone.now()).filter(owner=owner_id, pk=pk).first():
        return End(Became.ABANDONED, str(row))
    kept = KeptAnswer.objects.filter(owner=owner_id, key=_key(model, pk)).first()
    if kept is None:
        return None
    became, name, target = json.loads(bytes(kept.content))
    return End(Became(became), name, target)


def _key(model: type[Draft], pk: int) -> str:
    # No header can hold the sign, and no token of a form has a space: no other key is the same.
    return f"\N{SECTION SIGN}{model._meta.model_name} {pk}"
