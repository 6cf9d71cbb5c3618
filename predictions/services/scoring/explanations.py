"""Explanations are stored once, however many predictions share them."""

from collections.abc import Collection, Iterable, Mapping

from django.db import connection, transaction

from ml.scorecard import scores
from predictions.live.active_model import ActiveModel
from predictions.models import Explanation
from predictions.services.writing.inserts import as_json, prepared_insert
from predictions.services.writing.locks import write_turn

_EXPLANATION_COLUMNS = ["digest", "base", "reasons"]
_MOST_REMEMBERED = 50_000  # of a model whose rows all have an explanation of their own


def explanation_ids(model: ActiveModel, explanations: Iterable[scores.Explanation]) -> Mapping[str, int]:
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


def _stored(new: Mapping[str, scores.Explanation], remembered: dict[str, int]) -> dict[str, int]:
    # In one order for all writers, so that none deadlock.
    rows = [(digest, new[digest].base, as_json(new[digest].reasons)) for digest in sorted(new)]
    insert = prepared_insert(Explanation, _EXPLANATION_COLUMNS, rows, "ON CONFLICT (digest) DO NOTHING")
    with write_turn():
        insert()
    ids = _looked_up(new)
    if len(remembered) + len(ids) <= _MOST_REMEMBERED:
        transaction.on_commit(lambda: remembered.update(ids))
    return ids
