"""How the demo's year goes: versions and policies change, people claim, decide, override and write."""

import contextlib
import heapq
import itertools
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from predictions.errors import Conflict
from predictions.models import Decision, Policy, Prediction
from predictions.services.cases import claims
from predictions.services.demo import marks as demo_marks
from predictions.services.demo.cases import DEMO_DAYS, DEMO_SEED, DemoCase, DemoOfficer
from predictions.services.policies import policies
from predictions.services.scoring import scoring
from predictions.services.versions import registry
from predictions.services.writing.replies import PredictionReply

if TYPE_CHECKING:
    from ml.training.training import TrainedModel

MOST_WAITING = 20
_SECOND_MODEL, _SECOND_POLICY = timedelta(days=152), timedelta(days=91)  # before now
_DECIDED = 0.4  # of the cases that nobody is asked about
_CLAIMED = 0.5  # of the referred ones, before they are decided
_HELD = 3  # of the waiting ones, at the end


class DemoYear:
    """Everything happens in the order of its moment, so that keys and times agree."""

    def __init__(self, *, people: Mapping[str, Any], now: datetime) -> None:
        self._people, self._now = people, now
        self._rng = np.random.default_rng(DEMO_SEED)
        self._decider = DemoOfficer(people, self._rng)
        self._waiting: deque[tuple[Prediction, str]] = deque()
        self._newest: dict[tuple[str, str], Prediction] = {}  # by owner and Loan_ID
        self._events: list[tuple[datetime, int, Callable[[datetime], object]]] = []
        self._order = itertools.count()

    def begin(self, models: Sequence["TrainedModel"]) -> None:
        """Plan the two versions, and the two policies."""
        start = self._now - timedelta(days=DEMO_DAYS)
        plan: list[tuple[datetime, Callable[[datetime], object]]] = [
            (start, partial(self._activate, models[0], "first version")),
            (start, partial(self._adopt, _FIRST, "a careful beginning at 55 %")),
            (
                self._now - _SECOND_MODEL,
                partial(self._activate, models[1], "twice the rows, calibrated better"),
            ),
            (self._now - _SECOND_POLICY, partial(self._adopt, _SECOND, "close calls go to a person")),
        ]
        for moment, action in plan:
            self._at(moment, action)

    def live(self, cases: Sequence[DemoCase], progress: Callable[[float], object]) -> None:
        """Score the cases at their time, and do what follows from each."""
        start = self._now - timedelta(days=DEMO_DAYS)
        for (moment, owner), together in itertools.groupby(cases, key=lambda case: (case.at, case.owner)):
            self._at(moment, partial(self._score, owner, [case.record for case in together]))
        self._busy = max(3, min(MOST_WAITING, len(cases) // 20))
        while self._events:
            moment, _, action = heapq.heappop(self._events)
            action(moment)
            progress((moment - start) / (self._now - start))
        self._hold_some()

    def _at(self, moment: datetime, action: Callable[[datetime], object]) -> None:
        if moment <= self._now:
            heapq.heappush(self._events, (moment, next(self._order), action))

    def _after(
        self, moment: datetime, hours: tuple[float, float], action: Callable[[datetime], object]
    ) -> None:
        self._at(moment + timedelta(hours=float(self._rng.uniform(*hours))), action)

    def _activate(self, model: "TrainedModel", why: str, moment: datetime) -> None:
        trained_at = moment - timedelta(hours=3)
        version = registry.register(trained=model, by=None, now=trained_at, prefix=demo_marks.ARTEFACT_PREFIX)
        reason = f"{demo_marks.DEMO_REASON}{why}"
        registry.activate(version_id=version.pk, by=None, reason=reason, now=moment)

    def _adopt(self, numbers: Mapping[str, Any], why: str, moment: datetime) -> None:
        self._policy = policies.adopt_policy(
            policy=Policy(**numbers),
            replaces=Policy.objects.newest().pk,
            by=None,
            reason=f"{demo_marks.DEMO_REASON}{why}",
            now=moment,
        )

    def _score(self, owner: str, records: list[Any], moment: datetime) -> None:
        scored = scoring.score_records(
            owner=self._people[owner],
            records=records,
            source=Prediction.Source.DEMO,
            request_id=f"demo-{next(self._order)}",
            now=moment,
            policy=self._policy,
        )
        for result in scored:
            self._follow(result, owner, moment)

    def _follow(self, result: PredictionReply, owner: str, moment: datetime) -> None:
        """Let a referred case wait until more than enough wait; most others are decided soon."""
        case = self._newest[owner, result.loan_id] = Prediction(
            pk=result.id,
            loan_id=result.loan_id,
            owner=self._people[owner],
            outcome=result.outcome,
            approval_probability=result.approval_probability,
            policy=self._policy,
        )
        if any(remark["attr"] for remark in result.warnings):  # whether these refer it takes its values
            case = Prediction.objects.select_related("policy").get(pk=result.id)
        if result.outcome == Prediction.Outcome.REFER:
            self._waiting.append((case, owner))
            if len(self._waiting) > self._busy:
                self._after(moment, (0.1, 2), partial(self._work_on, *self._waiting.popleft()))
        elif self._rng.random() < _DECIDED:
            self._after(moment, (0.5, 40), partial(self._decide, case, owner))

    def _work_on(self, case: Prediction, owner: str, moment: datetime) -> None:
        """Claim a referred case or not, then decide it."""
        who = self._decider.who(owner)
        with contextlib.suppress(Conflict):  # decided already, when it was scored again
            if self._rng.random() < _CLAIMED:
                claims.claim_case(prediction=self._newest_of(case, owner), by=who, now=moment)
            self._after(moment, (0.1, 1), partial(self._decide, case, owner, who=who))

    def _decide(self, case: Prediction, owner: str, moment: datetime, who: Any = None) -> None:
        case, who = self._newest_of(case, owner), who or self._decider.who(owner)
        with contextlib.suppress(Conflict):  # somebody holds it since it was scored again
            decision = self._decider.decide(case, who, moment)
            if self._decider.thinks_again():
                self._after(moment, (20, 90), partial(self._reverse, decision))

    def _reverse(self, decision: Decision, moment: datetime) -> None:
        with contextlib.suppress(Conflict):  # the application was scored again
            self._decider.reverse(decision, moment)

    def _newest_of(self, case: Prediction, owner: str) -> Prediction:
        """Return the application's prediction that people work on."""
        return self._newest[owner, case.loan_id]

    def _hold_some(self) -> None:
        for hours, (case, owner) in enumerate(list(self._waiting)[:_HELD], start=1):
            moment = self._now - timedelta(hours=hours)
            with contextlib.suppress(Conflict):
                who = self._decider.who(owner)
                claims.claim_case(prediction=self._newest_of(case, owner), by=who, now=moment)


_FIRST = {"threshold": 0.55}
_SECOND = {"threshold": 0.5, "refer_low": 0.4, "refer_high": 0.6}
