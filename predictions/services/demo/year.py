"""The demo's year: versions and policies change; people claim, decide, override and write notices."""

import contextlib
import heapq
import itertools
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from django.contrib.auth.models import User

from ml.applications.types import Record
from predictions.errors import Conflict
from predictions.models import BUILT_IN, Decision, Policy, Prediction
from predictions.models.querysets import AnyUser
from predictions.services.demo.cases import DEMO_DAYS, DEMO_SEED, DemoCase, DemoOfficer
from predictions.services.demo.marks import ARTEFACT_PREFIX, DEMO_REASON
from predictions.services.policies import policies
from predictions.services.queue import claims
from predictions.services.scoring import scoring
from predictions.services.versions import registry
from predictions.services.writing.replies import PredictionReply

if TYPE_CHECKING:
    from ml.training.training import TrainedModel

MAX_WAITING = 20
_SECOND_MODEL, _SECOND_POLICY = timedelta(days=152), timedelta(days=91)  # before now
_DECIDED_SHARE = 0.4  # of the cases that are not referred
_CLAIMED_SHARE = 0.5  # of the referred cases, before they are decided
_N_OPEN_CLAIMS = 3  # on waiting cases, at the end

Action = Callable[[datetime], object]
"""Something that happens at a moment."""


class DemoYear:
    """A year of invented work. Actions run in the order of their moments, so that ids and times agree."""

    def __init__(self, *, people: Mapping[str, User], now: datetime) -> None:
        self._people, self._now = people, now
        self._rng = np.random.default_rng(DEMO_SEED)
        self._officer = DemoOfficer(people, self._rng)
        self._waiting: deque[tuple[Prediction, str]] = deque()
        self._newest: dict[tuple[str, str], Prediction] = {}  # by owner and Loan_ID
        self._events: list[tuple[datetime, int, Action]] = []
        self._order = itertools.count()

    def plan_changes(self, models: Sequence["TrainedModel"]) -> None:
        """Plan the activation of both versions and the adoption of both policies."""
        start = self._now - timedelta(days=DEMO_DAYS)
        second_model, second_policy = self._now - _SECOND_MODEL, self._now - _SECOND_POLICY
        self._at(start, partial(self._activate, models[0], "first version"))
        self._at(start, partial(self._adopt, _FIRST, "a careful start at 55%"))
        self._at(second_model, partial(self._activate, models[1], "twice the rows, calibrated better"))
        self._at(second_policy, partial(self._adopt, _SECOND, "close calls go to a person"))

    def run(self, cases: Sequence[DemoCase], progress: Callable[[float], object]) -> None:
        """Score the cases at their moments, and run the actions that follow."""
        start = self._now - timedelta(days=DEMO_DAYS)
        for (moment, owner), group in itertools.groupby(cases, key=lambda case: (case.at, case.owner)):
            self._at(moment, partial(self._score, owner, [case.record for case in group]))
        self._max_waiting = max(3, min(MAX_WAITING, len(cases) // 20))
        while self._events:
            moment, _, action = heapq.heappop(self._events)
            action(moment)
            progress((moment - start) / (self._now - start))
        self._claim_some()

    def _at(self, moment: datetime, action: Action) -> None:
        """Plan an action, unless its moment is in the future."""
        if moment <= self._now:
            heapq.heappush(self._events, (moment, next(self._order), action))

    def _after(self, moment: datetime, hours: tuple[float, float], action: Action) -> None:
        """Plan an action at a random time after `moment`, from `hours[0]` to `hours[1]` later."""
        self._at(moment + timedelta(hours=float(self._rng.uniform(*hours))), action)

    def _activate(self, model: "TrainedModel", why: str, moment: datetime) -> None:
        trained_at = moment - timedelta(hours=3)
        version = registry.register(trained=model, by=None, now=trained_at, prefix=ARTEFACT_PREFIX)
        reason = f"{DEMO_REASON}{why}"
        registry.activate(version_id=version.pk, by=None, reason=reason, now=moment)

    def _adopt(self, numbers: Mapping[str, float], why: str, moment: datetime) -> None:
        self._policy = policies.adopt_policy(
            policy=Policy(**numbers),
            replaces=Policy.objects.of_product(BUILT_IN).newest().pk,
            by=None,
            reason=f"{DEMO_REASON}{why}",
            now=moment,
        )

    def _score(self, owner: str, records: list[Record], moment: datetime) -> None:
        replies = scoring.score_records(
            owner=self._people[owner],
            records=records,
            source=Prediction.Source.DEMO,
            request_id=f"demo-{next(self._order)}",
            now=moment,
            policy=self._policy,
        )
        for reply in replies:
            self._plan_decision(reply, owner, moment)

    def _plan_decision(self, reply: PredictionReply, owner: str, moment: datetime) -> None:
        """Let a referred case wait until too many wait, and plan the decision of many of the others."""
        case = self._newest[owner, reply.loan_id] = Prediction(
            pk=reply.id,
            loan_id=reply.loan_id,
            owner=self._people[owner],
            outcome=reply.outcome,
            approval_probability=reply.approval_probability,
            policy=self._policy,
        )
        if any(remark["attr"] for remark in reply.warnings):  # remarks refer by the values of the case
            case = Prediction.objects.select_related("policy").get(pk=reply.id)
        if reply.outcome == Prediction.Outcome.REFER:
            self._waiting.append((case, owner))
            if len(self._waiting) > self._max_waiting:
                self._after(moment, (0.1, 2), partial(self._work_on, *self._waiting.popleft()))
        elif self._rng.random() < _DECIDED_SHARE:
            self._after(moment, (0.5, 40), partial(self._decide, case, owner))

    def _work_on(self, case: Prediction, owner: str, moment: datetime) -> None:
        """Claim some referred cases, and plan the decision of all."""
        decider = self._officer.decider(owner)
        with contextlib.suppress(Conflict):  # the case was scored again and decided
            if self._rng.random() < _CLAIMED_SHARE:
                claims.claim_case(prediction=self._newest_of(case, owner), by=decider, now=moment)
            self._after(moment, (0.1, 1), partial(self._decide, case, owner, by=decider))

    def _decide(self, case: Prediction, owner: str, moment: datetime, by: AnyUser | None = None) -> None:
        case, decider = self._newest_of(case, owner), by or self._officer.decider(owner)
        with contextlib.suppress(Conflict):  # the case was scored again, and another person claimed it
            decision = self._officer.decide(case, decider, moment)
            if self._officer.has_second_thoughts():
                self._after(moment, (20, 90), partial(self._reverse, decision))

    def _reverse(self, decision: Decision, moment: datetime) -> None:
        with contextlib.suppress(Conflict):  # the application was scored again
            self._officer.reverse(decision, moment)

    def _newest_of(self, case: Prediction, owner: str) -> Prediction:
        """Return the newest prediction of an application, on which people work."""
        return self._newest[owner, case.loan_id]

    def _claim_some(self) -> None:
        """Claim some of the cases that wait at the end of the year."""
        for hours, (case, owner) in enumerate(list(self._waiting)[:_N_OPEN_CLAIMS], start=1):
            moment = self._now - timedelta(hours=hours)
            with contextlib.suppress(Conflict):
                decider = self._officer.decider(owner)
                claims.claim_case(prediction=self._newest_of(case, owner), by=decider, now=moment)


_FIRST = {"threshold": 0.55}
_SECOND = {"threshold": 0.5, "refer_low": 0.4, "refer_high": 0.6}
