"""The desk: waiting cases, counts and a plot of the last days, the newest cases, the active version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from predictions.live import active_model, active_policy
from predictions.live.products import product_of
from predictions.models import Prediction, Product
from predictions.models.querysets import AnyUser
from predictions.reading import queue as queue_reading
from predictions.reading.counts import N_DAYS, DayCounts, LastDays
from predictions.reading.filters import annotate_decision
from predictions.reading.queue import QueueCounts
from predictions.roles import SCORE, SEE_ALL
from predictions.web.plots.curves import BOTTOM, LEFT, RIGHT, TOP, Axis, Frame, round_steps
from predictions.web.presentation import PredictionPage
from predictions.web.queue.pages import WaitingCase, waiting_cases, with_facts
from predictions.words.policies import ADVICE, policy_sentences

N_WAITING, N_NEWEST = 5, 10
PERIODS = {"Today": 1, "7 days": 7, f"{N_DAYS} days": N_DAYS}
GAP = 0.22  # between two days, as a share of a day's width
_STACK = ("approved", "refer", "denied")  # from the axis upwards


@dataclass(frozen=True, slots=True)
class DayBlock:
    """The bar of one outcome of one day."""

    outcome: str
    words: str
    x: str
    y: str
    width: str
    height: str


class DayPlot:
    """Stacked bars of the cases scored each day, by outcome."""

    def __init__(self, days: Sequence[tuple[date, DayCounts]]) -> None:
        steps = _whole_steps(max(counts.scored for _, counts in days))
        self._x, self._y = Axis(0, len(days), LEFT, RIGHT), Axis(0, steps[-1], BOTTOM, TOP)
        labelled = range(len(days) - 1, -1, -7)
        labels = [date_format(days[number][0], "j M") for number in labelled]
        x_ticks = self._x.ticks([number + 0.5 for number in labelled], labels)
        y_ticks = self._y.ticks(steps, [f"{step:,.0f}" for step in steps])
        self.frame = Frame(x_ticks, y_ticks, "day", "scored")
        self.blocks = [
            block for number, (day, counts) in enumerate(days) for block in self._column(number, day, counts)
        ]

    def _column(self, number: int, day: date, counts: DayCounts) -> list[DayBlock]:
        """Return the blocks of day `number`, from the axis upwards."""
        blocks, below = [], 0
        for outcome in _STACK:
            count = counts.by_outcome[outcome]
            if count:
                blocks.append(self._block(number, below, count, outcome, day))
            below += count
        return blocks

    def _block(self, number: int, below: int, count: int, outcome: str, day: date) -> DayBlock:
        left, right = self._x.at(number + GAP / 2), self._x.at(number + 1 - GAP / 2)
        top, bottom = self._y.at(below + count), self._y.at(below)
        words = f"{date_format(day, 'j M')}: {count:,}, {ADVICE[outcome]}"
        width, height = f"{float(right) - float(left):.1f}", f"{float(bottom) - float(top):.1f}"
        return DayBlock(outcome, words, left, top, width, height)


def _whole_steps(maximum: int) -> list[float]:
    """Return round whole numbers from 0 to `maximum` or above."""
    return round_steps(0, maximum) if maximum >= 4 else [float(step) for step in range(maximum + 2)]


class DeskCounts:
    """The counts of the periods and of each day, for the tables and the plot."""

    def __init__(self, last_days: LastDays) -> None:
        self.periods = [(name, last_days.total(days)) for name, days in PERIODS.items()]
        self.days = last_days.by_day()
        self.any = any(counts.scored or counts.decided for _, counts in self.days)
        self.plot = DayPlot(self.days)


@require_safe
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    sees_cases = request.user.has_perm(SCORE) or request.user.has_perm(SEE_ALL)
    policy = " ".join(policy_sentences(active_policy.current(product_of(request).pk)))
    context = {
        "sees_cases": sees_cases,
        "problem": active_model.serving_problem(product_of(request).pk),
        "policy": policy,
    }
    cases = _cases(request.user, product_of(request)) if sees_cases else {}
    return render(request, "predictions/history/desk.html", context | cases)


def _cases(user: AnyUser, product: Product) -> dict[str, object]:
    """Return the part of the page's context that is about the cases of a product that a user may see."""
    rows = Prediction.objects.of_product(product).visible_to(user)
    waiting, counts = _waiting(user, product)
    return {
        "waiting": waiting,
        "waiting_total": counts.total,
        "waiting_by": counts,
        "figures": DeskCounts(LastDays(user, product, timezone.localdate())),
        "newest": PredictionPage.of(annotate_decision(rows.for_list_pages()), N_NEWEST),
        "everybody": user.has_perm(SEE_ALL),
    }


def _waiting(user: AnyUser, product: Product) -> tuple[list[WaitingCase], QueueCounts]:
    """Return the cases that have waited for longest, and how many wait in all."""
    entries = queue_reading.entries_for(user, product).order_by("since", "pk")
    return waiting_cases(list(with_facts(entries[:N_WAITING]))), queue_reading.counts(user, product)
