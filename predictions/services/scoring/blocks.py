"""Writing blocks of the predictions that were stored since the last time (`reading.blocks`)."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import Exists, F, Max, Min, OuterRef

from predictions.models import Prediction, PredictionBlock, RankedUntil
from predictions.reading.amounts import stored_amount
from predictions.reading.blocks.codes import CODED
from predictions.reading.blocks.slices import pack
from predictions.reading.filters import PredictionRows
from predictions.services.writing.locks import write_transaction

SIZE = 8_192  # ids of a block, a multiple of 8; readers read so many predictions beside the blocks
_FIELDS = {
    "product": "product_id",
    "owner": "owner_id",
    "model_version": "model_version_id",
    "outcome": "outcome",
    "source": "source",
    "probability": "approval_probability",
    "amount": "stored_amount",
}


def write_blocks(*, size: int = SIZE) -> None:
    """Write the blocks whose predictions are all ranked: none of them becomes visible later."""
    until = RankedUntil.objects.values_list("until", flat=True).first() or 0
    while (first := _next_first()) is not None and first + size - 1 <= until:
        block = _block(first, size)
        if block is not None:
            with write_transaction():
                PredictionBlock.objects.bulk_create([block], ignore_conflicts=True)


def delete_empty_blocks() -> None:
    """Delete the blocks whose predictions were all deleted."""
    rows = Prediction.objects.filter(pk__gte=OuterRef("first"), pk__lt=OuterRef("first") + OuterRef("size"))
    with write_transaction():
        PredictionBlock.objects.filter(~Exists(rows.order_by())).delete()


def _next_first() -> int | None:
    """Return the first prediction after all blocks."""
    end = PredictionBlock.objects.aggregate(end=Max(F("first") + F("size")))["end"] or 0
    return Prediction.objects.filter(pk__gte=end).order_by("pk").values_list("pk", flat=True).first()


def _block(first: int, size: int) -> PredictionBlock | None:
    """Return a block; None if its predictions were deleted a moment ago."""
    rows = Prediction.objects.filter(pk__gte=first, pk__lt=first + size).order_by()
    times = rows.aggregate(oldest=Min("created_at"), newest=Max("created_at"))
    stored = _stored(rows)
    if not stored or times["oldest"] is None:
        return None
    keys, *columns = stored
    places = [key - first for key in keys]
    packed = {
        name: pack(_codes(name, values, places, size), CODED[name].bits)
        for name, values in zip(_FIELDS, columns, strict=True)
    }
    return PredictionBlock(first=first, size=size, **times, **packed)


def _stored(rows: PredictionRows) -> list[tuple]:
    """Return the ids and the values of each column, as the driver returns them."""
    annotated = rows.annotate(stored_amount=stored_amount())
    statement = annotated.values_list("pk", *_FIELDS.values()).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        return list(zip(*cursor.fetchall(), strict=True))


def _codes(name: str, values: Sequence, places: Sequence[int], size: int) -> list[int]:
    """Return the code of each place; 0 where no prediction is."""
    by_value = {value: CODED[name].code_of(value) for value in {*values}}
    codes = [0] * size
    for place, value in zip(places, values, strict=True):
        codes[place] = by_value[value]
    return codes
