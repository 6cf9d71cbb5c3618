"""What became of a batch's rows: counted when a chunk is scored, added up when somebody looks.

A batch of a million rows has some hundred chunks, so that its page reads as many small counts.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from ml.scorecard.outcomes import remark_codes
from predictions.models import Batch, Prediction
from predictions.services.writing.replies import ScoredRows

N_BARS = 20  # of five percentage points each
BELOW_THRESHOLD = "threshold"  # the only cause: no code of a cause is called so


class BatchOutcomes(NamedTuple):
    """The counted rows of a batch. `causes` and `remarks` have codes as files do, the most frequent first.

    `by_probability` has one number for each bar. `counted` is less than the scored rows if workers of an
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
    outcomes, bars, causes = Counter[str](), Counter[str](), Counter[str]()
    for kind, number in Counter(rows.kinds).items():  # many rows share one
        outcomes[kind.reply.outcome] += number
        bars[str(bar_of(kind.score.probability))] += number
        codes = {cause["code"] for cause in kind.reply.causes}
        if not codes and kind.reply.outcome == Prediction.Outcome.DENIED:
            codes = {BELOW_THRESHOLD}
        for code in codes:
            causes[code] += number
    remarks = Counter(code for found in rows.remarks.values() for code in {remark_codes([one]) for one in found})
    return {"outcomes": outcomes, "probabilities": bars, "causes": causes, "remarks": remarks}


def bar_of(probability: float) -> int:
    """Return the number of the bar of a probability, from 0; the last one includes its end."""
    return min(int(probability * N_BARS), N_BARS - 1)


def outcomes_of(batch: Batch) -> BatchOutcomes:
    """Add up the counts of the finished chunks."""
    sums: dict[str, Counter[str]] = {
        name: Counter() for name in ("outcomes", "probabilities", "causes", "remarks")
    }
    for counts in batch.chunks.done().order_by().values_list("outcomes", flat=True):
        for name, numbers in (counts or {}).items():
            sums[name].update(numbers)
    bars = [sums["probabilities"][str(bar)] for bar in range(N_BARS)]
    return BatchOutcomes(sums["outcomes"], bars, _ordered(sums["causes"]), _ordered(sums["remarks"]))


def _ordered(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
