"""The demo's applications and decisions: who scores and who decides which one, when and why."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple, TypeVar

import msgspec
import numpy as np
from django.utils import timezone

from ml.applications.records import read_json_row
from ml.applications.types import ApplicationValues, Floats, Record
from ml.products.loan_prediction.sample import TARGET, make_sample
from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import LOAN_ID
from predictions.models import Decision, Prediction
from predictions.models.querysets import AnyUser
from predictions.services.cases import decisions, notices
from predictions.services.cases.decision_checks import needs_code
from predictions.services.cases.model_facts import directions_of
from predictions.words.notice_draft import draft_notice

LOAN_ID_PREFIX = "DEMO-"
DEMO_SEED = 20251
DEMO_DAYS = 365
_OWNER_SHARES = {"officer": 0.35, "reviewer": 0.05, "client": 0.6}
_PROGRAM = "client"  # sends all applications of a day in one call
_WEEKDAY_WEIGHTS = np.array([1.15, 1.05, 1.0, 1.0, 0.9, 0.2, 0.05])
_RESCORED_SHARE = 0.04  # of the applications: scored again with other values


class DemoCase(NamedTuple):
    at: datetime
    owner: str
    record: Record


def draw_cases(number: int, now: datetime) -> list[DemoCase]:
    """Draw applications of the year before `now`, oldest first. A few are scored again some days later."""
    rng = np.random.default_rng(DEMO_SEED)
    rows = make_sample(number, DEMO_SEED)
    days = np.sort(rng.choice(DEMO_DAYS, size=number, p=_day_shares(now)))
    owners = rng.choice(list(_OWNER_SHARES), size=number, p=list(_OWNER_SHARES.values()))
    first = [
        DemoCase(_moment(rng, now, int(day), owner), str(owner), _record(row, place))
        for place, (row, day, owner) in enumerate(zip(rows, days, owners, strict=True), start=1)
    ]
    rescored = [
        _rescored(rng, case) for case in first if case.owner != _PROGRAM and rng.random() < _RESCORED_SHARE
    ]
    past = [case for case in first + rescored if case.at < now]
    return sorted(past, key=lambda case: (case.at, case.owner))


def _day_shares(now: datetime) -> Floats:
    """Return each day's share of the applications: few at weekends, more every month. Day 0 is a year ago."""
    today = timezone.localtime(now).date()
    weekdays = [(today - timedelta(days=DEMO_DAYS - 1 - day)).weekday() for day in range(DEMO_DAYS)]
    weights = _WEEKDAY_WEIGHTS[weekdays] * np.linspace(0.8, 1.2, DEMO_DAYS)
    shares: Floats = weights / weights.sum()
    return shares


def _moment(rng: np.random.Generator, now: datetime, day: int, owner: str) -> datetime:
    """Return a moment in office hours. If it is in the future, return one in the hour before `now`."""
    date = timezone.localtime(now).date() - timedelta(days=DEMO_DAYS - 1 - day)
    minutes = 11 * 60 if owner == _PROGRAM else float(rng.uniform(0, 9.5 * 60))
    moment = timezone.make_aware(datetime.combine(date, time(8))) + timedelta(minutes=minutes)
    minutes_ago = 30 if owner == _PROGRAM else float(rng.uniform(5, 60))
    return moment if moment < now else now - timedelta(minutes=minutes_ago)


def _record(row: ApplicationValues, number: int) -> Record:
    values = {column: value for column, value in row.items() if column != TARGET}
    return read_json_row(built_in(), values | {LOAN_ID: f"{LOAN_ID_PREFIX}{number:05d}"})


def _rescored(rng: np.random.Generator, case: DemoCase) -> DemoCase:
    """Return the application some days later, with a smaller loan and a known credit history."""
    loan, credit_history = case.record.loan_amount, case.record.credit_history
    changes = {"loan_amount": float(round(float(loan) * 0.8)) if loan else 120.0}
    if credit_history is None:
        changes["credit_history"] = 1.0
    later = case.at + timedelta(days=int(rng.integers(2, 21)))
    return DemoCase(later, case.owner, msgspec.structs.replace(case.record, **changes))


WHY_APPROVED = [
    ("new_document", "Settlement letter of 3 March shows the old debt as paid in full."),
    ("new_document", "Tax return brought in later: income is higher than what was entered."),
    ("compensating", "Twelve years with the same employer, and savings of ten monthly instalments."),
    ("compensating", "A second guarantor signed; she owns her flat without a mortgage."),
    ("wrong_value", "The loan amount was entered with the fees. Without them it is 15 thousand lower."),
    ("other", "Renewal of a loan that was paid back on time for six years."),
]
WHY_DENIED = [
    ("hidden_risk", "The employer announced that the site closes in autumn."),
    ("hidden_risk", "Bank statements show regular payments to a lender that the application does not name."),
    ("wrong_value", "The co-applicant's income was entered for the year, not for the month."),
    ("policy_rule", "The property has no completed survey; lending rules ask for one."),
    ("other", "The applicant withdrew one of the two properties offered as security."),
]
NOTES = [
    "",
    "",
    "",
    "Papers complete.",
    "Income checked against three payslips.",
    "Spoke with the applicant by phone.",
]
NOTICE_END = "\n(Demo data: nobody applied, and nobody was denied.)\n"


_OVERRIDE_SHARE_OF_REFERRED = 0.25
_OVERRIDE_SHARE = 0.04  # of the cases with a clear outcome
_REVERSED_SHARE = 0.01  # of the decisions
_NOTICE_SHARE = 0.03  # of the denials
Choice = TypeVar("Choice")


class DemoOfficer:
    """Decides the demo's cases at random, as officers and reviewers would."""

    def __init__(self, people: Mapping[str, AnyUser], rng: np.random.Generator) -> None:
        self._people, self._rng = people, rng

    def decider(self, owner: str) -> AnyUser:
        """Return the person who decides a case of `owner`. Officers see only their own cases."""
        by_officer = owner == "officer" and self._rng.random() < 0.7
        return self._people["officer" if by_officer else "reviewer"]

    def has_second_thoughts(self) -> bool:
        return bool(self._rng.random() < _REVERSED_SHARE)

    def decide(self, prediction: Prediction, by: AnyUser, moment: datetime) -> Decision:
        is_referred = prediction.outcome == Prediction.Outcome.REFER
        share = _OVERRIDE_SHARE_OF_REFERRED if is_referred else _OVERRIDE_SHARE
        approve = prediction.approved != bool(self._rng.random() < share)
        return self._store(prediction, by, approve, moment)

    def reverse(self, decision: Decision, moment: datetime) -> None:
        approve = decision.verdict == Decision.Verdict.DENIED
        self._store(decision.prediction, decision.by, approve, moment)

    def _store(self, prediction: Prediction, by: AnyUser, approve: bool, moment: datetime) -> Decision:
        verdict = Decision.Verdict.APPROVED if approve else Decision.Verdict.DENIED
        code, note = "", self._choose(NOTES)
        if needs_code(prediction, verdict):
            code, note = self._choose(WHY_APPROVED if approve else WHY_DENIED)
        decision = decisions.decide(
            prediction=prediction, by=by, verdict=verdict, code=code, note=note, now=moment
        )
        if not approve and self._rng.random() < _NOTICE_SHARE:
            _write_notice(decision, by, moment)
        return decision

    def _choose(self, choices: Sequence[Choice]) -> Choice:
        return choices[int(self._rng.integers(len(choices)))]


def _write_notice(decision: Decision, by: AnyUser, moment: datetime) -> None:
    prediction = Prediction.objects.select_related("explanation", "policy", "model_version").get(
        pk=decision.prediction_id
    )
    text = draft_notice(prediction, decision, directions_of(prediction), moment) + NOTICE_END
    notices.save_notice(prediction=prediction, by=by, text=text, after=0, now=moment)
