"""The desk: what needs this user now, the last days in figures, the newest cases, the model in use."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from predictions.live import active_model, active_policy
from predictions.models import Prediction
from predictions.models.querysets import Caller
from predictions.reading.counts import DAYS, LastDays
from predictions.reading.filters import with_decision
from predictions.roles import SCORE, SEE_ALL
from predictions.web.cases.waiting import WaitingCase, cases_of, marks_for
from predictions.web.history.day_plot import DayPlot
from predictions.web.presentation import Page
from predictions.words.policies import sentences

WAITING, NEWEST = 5, 10
PERIODS = {"Today": 1, "7 days": 7, f"{DAYS} days": DAYS}


class Figures:
    """What the periods and the days show, table and plot alike."""

    def __init__(self, last_days: LastDays) -> None:
        self.periods = [(name, last_days.together(days)) for name, days in PERIODS.items()]
        self.days = last_days.each()
        self.any = any(counts.scored or counts.decided for _, counts in self.days)
        self.plot = DayPlot(self.days)


@require_safe
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    sees_cases = request.user.has_perm(SCORE) or request.user.has_perm(SEE_ALL)
    policy = " ".join(sentences(active_policy.current()))
    context = {"sees_cases": sees_cases, "problem": active_model.problem(), "policy": policy}
    cases = _cases(request.user) if sees_cases else {}
    return render(request, "predictions/history/desk.html", context | cases)


def _cases(user: Caller) -> dict[str, Any]:
    """Return what the desk shows of the cases that a user may see."""
    rows = Prediction.objects.visible_to(user)
    waiting, waiting_total = _waiting(user)
    return {
        "waiting": waiting,
        "waiting_total": waiting_total,
        "figures": Figures(LastDays(user, timezone.localdate())),
        "newest": Page.of(with_decision(rows.for_lists()), NEWEST),
        "everybody": user.has_perm(SEE_ALL),
    }


def _waiting(user: Caller) -> tuple[list[WaitingCase], int]:
    """Return the cases that have waited for longest, and the number of all."""
    marks = marks_for(user)
    first = list(marks[:WAITING])
    return cases_of(first), len(first) if len(first) < WAITING else marks.count()
