"""The desk: what needs this user now, the last days in figures, the newest cases, the model in use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from predictions.live import active_model, active_policy
from predictions.models import Prediction
from predictions.models.querysets import AnyUser
from predictions.reading.counts import N_DAYS, DayCounts, LastDays
from predictions.reading.filters import annotate_decision
from predictions.roles import SCORE, SEE_ALL
from predictions.web.cases.queue import WaitingCase, referrals_for, waiting_cases
from predictions.web.plots.curves import BOTTOM, LEFT, RIGHT, TOP, Axis, Frame, round_steps
from predictions.web.presentation import ADVICE, PredictionPage
from predictions.words.policies import policy_sentences

GAP = 0.22  # of a day's width
_STACK = ("approved", "refer", "denied")  # from the axis upwards


@dataclass(frozen=True, slots=True)
class DayBlock:
    """One outcome of one day."""

    outcome: str
    words: str
    x: str
    y: str
    width: str
    height: str


class DayPlot:
    def __init__(self, days: Sequence[tuple[date, DayCounts]]) -> None:
        steps = _whole_steps(max(counts.scored for _, counts in days))
        self._x, self._y = Axis(0, len(days), LEFT, RIGHT), Axis(0, steps[-1], BOTTOM, TOP)
        weeks = range(len(days) - 1, -1, -7)
        names = [date_format(days[place][0], "j M") for place in weeks]
        x_ticks = self._x.ticks([place + 0.5 for place in weeks], names)
        y_ticks = self._y.ticks(steps, [f"{step:,.0f}" for step in steps])
        self.frame = Frame(x_ticks, y_ticks, "day", "scored")
        self.blocks = [
            block for place, (day, counts) in enumerate(days) for block in self._column(place, day, counts)
        ]

    def _column(self, place: int, day: date, counts: DayCounts) -> list[DayBlock]:
        blocks, below = [], 0
        for outcome in _STACK:
            number = counts.by_outcome[outcome]
            if number:
                blocks.append(self._block(place, below, number, outcome, day))
            below += number
        return blocks

    def _block(self, place: int, below: int, number: int, outcome: str, day: date) -> DayBlock:
        left, right = self._x.at(place + GAP / 2), self._x.at(place + 1 - GAP / 2)
        top, bottom = self._y.at(below + number), self._y.at(below)
        words = f"{date_format(day, 'j M')}: {number:,}, {ADVICE[outcome]}"
        width, height = f"{float(right) - float(left):.1f}", f"{float(bottom) - float(top):.1f}"
        return DayBlock(outcome, words, left, top, width, height)


def _whole_steps(most: int) -> list[float]:
    """Return round whole numbers from 0 to `most` or above."""
    return round_steps(0, most) if most >= 4 else [float(step) for step in range(most + 2)]


WAITING, NEWEST = 5, 10
PERIODS = {"Today": 1, "7 days": 7, f"{N_DAYS} days": N_DAYS}


class DeskCounts:
    """What the periods and the days show, table and plot alike."""

    def __init__(self, last_days: LastDays) -> None:
        self.periods = [(name, last_days.total(days)) for name, days in PERIODS.items()]
        self.days = last_days.by_day()
        self.any = any(counts.scored or counts.decided for _, counts in self.days)
        self.plot = DayPlot(self.days)


@require_safe
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    sees_cases = request.user.has_perm(SCORE) or request.user.has_perm(SEE_ALL)
    policy = " ".join(policy_sentences(active_policy.current()))
    context = {"sees_cases": sees_cases, "problem": active_model.serving_problem(), "policy": policy}
    cases = _cases(request.user) if sees_cases else {}
    return render(request, "predictions/history/desk.html", context | cases)


def _cases(user: AnyUser) -> dict[str, Any]:
    """Return what the desk shows of the cases that a user may see."""
    rows = Prediction.objects.visible_to(user)
    waiting, waiting_total = _waiting(user)
    return {
        "waiting": waiting,
        "waiting_total": waiting_total,
        "figures": DeskCounts(LastDays(user, timezone.localdate())),
        "newest": PredictionPage.of(annotate_decision(rows.for_list_pages()), NEWEST),
        "everybody": user.has_perm(SEE_ALL),
    }


def _waiting(user: AnyUser) -> tuple[list[WaitingCase], int]:
    """Return the cases that have waited for longest, and the number of all."""
    marks = referrals_for(user)
    first = list(marks[:WAITING])
    return waiting_cases(first), len(first) if len(first) < WAITING else marks.count()
