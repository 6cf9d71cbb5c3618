"""Explanations, stored once for all predictions of one score."""

import hashlib
from collections.abc import Collection, Iterable, Mapping

import msgspec
from django.db import connection, transaction

from ml.scorecard.score_cache import CachedScore
from predictions.live.active_model import ActiveModel
from predictions.models import Explanation
from predictions.services.writing.inserts import as_json, prepare_insert
from predictions.services.writing.locks import write_transaction
from predictions.services.writing.replies import ScoredKind

_COLUMNS = ["digest", "base", "reasons", "log_odds", "missing", "gaps"]
_MAX_REMEMBERED = 50_000  # explanations of a model; a forest has one for each row
_encode = msgspec.json.Encoder(order="sorted").encode


def digest_of(score: CachedScore) -> str:
    """Return the digest of a score's explanation. Equal explanations have equal digests."""
    values: tuple[object, ...] = score.log_odds, score.missing, score.gaps or {}
    return hashlib.sha256(score.explanation.digest.encode() + _encode(values)).hexdigest()


def explanation_ids(model: ActiveModel, kinds: Iterable[ScoredKind]) -> Mapping[str, int]:
    """Return the id of the explanation of each digest; new explanations are stored first.

    They have a transaction of their own, and stay without predictions if the process ends here: later
    predictions share them. In an outer transaction (a call with an Idempotency-Key, a form of a page) they
    belong to it.
    """
    by_digest = {kind.digest: kind.score for kind in kinds}
    # That a remembered row was pruned shows when the transaction ends: too late for an outer transaction.
    remembered = model.explanation_ids
    existing = _stored_ids(by_digest) if connection.in_atomic_block else _among(remembered, by_digest)
    new = {digest: by_digest[digest] for digest in by_digest.keys() - existing.keys()}
    return existing | _store(new, remembered) if new else existing


def _among(remembered: Mapping[str, int], digests: Iterable[str]) -> dict[str, int]:
    """Copy the ids of some digests: a thread that meets a pruned one forgets all, at any moment."""
    return {digest: pk for digest in digests if (pk := remembered.get(digest)) is not None}


def _stored_ids(digests: Collection[str]) -> dict[str, int]:
    stored = Explanation.objects.only("digest").in_bulk(list(digests), field_name="digest")
    return {digest: explanation.pk for digest, explanation in stored.items()}


def _store(new: Mapping[str, CachedScore], remembered: dict[str, int]) -> dict[str, int]:
    # All writers use one order, so that no two deadlock.
    rows = [_row(digest, new[digest]) for digest in sorted(new)]
    insert = prepare_insert(Explanation, _COLUMNS, rows, "ON CONFLICT (digest) DO NOTHING")
    with write_transaction():
        insert()
        ids = _stored_ids(new)  # before a prune finds that nothing refers to them yet
    if len(remembered) + len(ids) <= _MAX_REMEMBERED:
        transaction.on_commit(lambda: remembered.update(ids))
    return ids


def _row(digest: str, score: CachedScore) -> tuple[object, ...]:
    base, reasons = score.explanation.base, as_json(score.explanation.reasons)
    return digest, base, reasons, score.log_odds, as_json(score.missing), as_json(score.gaps or {})
