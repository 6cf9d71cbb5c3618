"""Explanations are stored once, however many predictions share them."""

from collections.abc import Iterable, Mapping

from django.db import transaction

from ml import scores
from predictions.active_model import ActiveModel
from predictions.models import Explanation
from predictions.services.inserts import as_json, prepared_insert
from predictions.services.turns import write_turn

_COLUMNS = dict.fromkeys(["digest", "base", "reasons"], "%s")
_MOST_REMEMBERED = 50_000  # of a model whose rows all have an explanation of their own


def explanation_ids(model: ActiveModel, explanations: Iterable[scores.Explanation]) -> Mapping[str, int]:
    """Return the id of each digest; those that are new are stored first, in a transaction of their own.

    One that no prediction follows does no harm: it is the same for all that may come.
    """
    known = model.explanation_ids
    new = {found.digest: found for found in explanations if found.digest not in known}
    return known | _stored(new, known) if new else known


def _stored(new: Mapping[str, scores.Explanation], known: dict[str, int]) -> dict[str, int]:
    # In one order for all writers, so that none deadlock.
    rows = [(digest, new[digest].base, as_json(new[digest].reasons)) for digest in sorted(new)]
    insert = prepared_insert(Explanation, _COLUMNS, rows, "ON CONFLICT (digest) DO NOTHING")
    with write_turn():
        insert()
    stored = Explanation.objects.only("digest").in_bulk(list(new), field_name="digest")
    ids = {digest: explanation.pk for digest, explanation in stored.items()}
    if len(known) + len(ids) <= _MOST_REMEMBERED:
        transaction.on_commit(lambda: known.update(ids))
    return ids
