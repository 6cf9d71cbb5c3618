"""What became of a batch's rows: counted when a chunk is scored, added up when somebody looks.

A batch of a million rows has some hundred chunks, so that its page reads as many small counts.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ml.scorecard.outcomes import remark_codes
from predictions.models import Batch, BatchChunk, Prediction
from predictions.reading.probability_bins import N_BINS, bin_of
from predictions.services.writing.replies import ScoredRows
from predictions.words.policies import BELOW_THRESHOLD


class BatchOutcomes(NamedTuple):
    """The counted rows of a batch. `causes` and `remarks` have codes as files do, the most frequent first.

    `by_probability` has one number for each bin. `counted` is less than the scored rows if workers of an
    earlier release scored some of them.
    """

    by_outcome: Counter[str]
    by_probability: Sequence[int]
    causes: list[tuple[str, int]]
    remarks: list[tuple[str, int]]

    @property
    def counted(self) -> int:
        return self.by_outcome.total()


def count_outcomes(rows: ScoredRows) -> dict[str, Counter[str]]:
    """Count the scored rows of a chunk, as `BatchChunk.outcomes` keeps them."""
    outcomes, bins, causes = Counter[str](), Counter[str](), Counter[str]()
    for kind, number in Counter(rows.kinds).items():  # many rows share one
        outcomes[kind.reply.outcome] += number
        bins[str(bin_of(kind.score.probability))] += number
        codes = {cause["code"] for cause in kind.reply.causes}
        if not codes and kind.reply.outcome == Prediction.Outcome.DENIED:
            codes = {BELOW_THRESHOLD}
        for code in codes:
            causes[code] += number
    remarks = Counter(
        code for found in rows.remarks.values() for code in {remark_codes([one]) for one in found}
    )
    return {"outcomes": outcomes, "probabilities": bins, "causes": causes, "remarks": remarks}


def outcomes_of(batch: Batch) -> BatchOutcomes:
    """Add up the counts of the finished chunks."""
    sums: dict[str, Counter[str]] = {
        name: Counter() for name in ("outcomes", "probabilities", "causes", "remarks")
    }
    for counts in batch.chunks.done().order_by().values_list("outcomes", flat=True):
        for name, numbers in sums.items():
            numbers.update((counts or {}).get(name, {}))
    bins = [sums["probabilities"][str(number)] for number in range(N_BINS)]
    return BatchOutcomes(sums["outcomes"], bins, _ordered(sums["causes"]), _ordered(sums["remarks"]))


def counts_by_outcome(batches: Iterable[Batch]) -> dict[int, dict[str, int]]:
    """Count the scored rows of batches by outcome, in one query; every outcome has a number."""
    counts = {batch.pk: dict.fromkeys(Prediction.Outcome.values, 0) for batch in batches}
    chunks = BatchChunk.objects.done().filter(batch__in=counts).order_by()
    for pk, numbers in chunks.values_list("batch", "outcomes__outcomes"):
        for outcome, number in (numbers or {}).items():
            counts[pk][outcome] += number
    return counts


def _ordered(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
