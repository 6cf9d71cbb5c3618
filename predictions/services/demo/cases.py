"""The demo's applications: who brings which one, and when."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

import msgspec
import numpy as np
from django.utils import timezone

from ml.applications.records import read_json_row
from ml.applications.schema import LOAN_ID, TARGET
from ml.products.loan_prediction.sample import make_sample
from predictions.models import Decision, Prediction
from predictions.services.cases import decisions, notices
from predictions.words.notice_draft import draft_notice

LOAN_ID_PREFIX = "DEMO-"
DEMO_SEED = 20251
DEMO_DAYS = 365
_OWNERS = {"officer": 0.35, "reviewer": 0.05, "client": 0.6}
_BY_PROGRAM = "client"  # sends what came in on a day in one call
_BY_WEEKDAY = np.array([1.15, 1.05, 1.0, 1.0, 0.9, 0.2, 0.05])
_AGAIN = 0.04  # share of applications that come back with other values


class DemoCase(NamedTuple):
    at: datetime
    owner: str
    record: Any


def draw_cases(number: int, now: datetime) -> list[DemoCase]:
    """Draw applications of the year before `now`, oldest first; a few come back."""
    rng = np.random.default_rng(DEMO_SEED)
    rows = make_sample(number, DEMO_SEED)
    days = np.sort(rng.choice(DEMO_DAYS, size=number, p=_shares(now)))
    owners = rng.choice(list(_OWNERS), size=number, p=list(_OWNERS.values()))
    first = [
        DemoCase(_moment(rng, now, int(day), owner), str(owner), _record(row, place))
        for place, (row, day, owner) in enumerate(zip(rows, days, owners, strict=True), start=1)
    ]
    again = [_again(rng, case) for case in first if case.owner != _BY_PROGRAM and rng.random() < _AGAIN]
    return sorted((case for case in first + again if case.at < now), key=lambda case: (case.at, case.owner))


def _shares(now: datetime) -> Any:
    """Return each day's share: few at weekends, a little more every month. Place 0 is a year ago."""
    today = timezone.localtime(now).date()
    weekdays = [(today - timedelta(days=DEMO_DAYS - 1 - day)).weekday() for day in range(DEMO_DAYS)]
    weights = _BY_WEEKDAY[weekdays] * np.linspace(0.8, 1.2, DEMO_DAYS)
    return weights / weights.sum()


def _moment(rng: np.random.Generator, now: datetime, day: int, owner: str) -> datetime:
    """Return a moment of office hours, or of the hour before `now` when that has not come yet."""
    date = timezone.localtime(now).date() - timedelta(days=DEMO_DAYS - 1 - day)
    minutes = 11 * 60 if owner == _BY_PROGRAM else float(rng.uniform(0, 9.5 * 60))
    moment = timezone.make_aware(datetime.combine(date, time(8))) + timedelta(minutes=minutes)
    late = 30 if owner == _BY_PROGRAM else float(rng.uniform(5, 60))
    return moment if moment < now else now - timedelta(minutes=late)


def _record(row: dict[str, Any], place: int) -> Any:
    values = {column: value for column, value in row.items() if column != TARGET}
    return read_json_row(values | {LOAN_ID: f"{LOAN_ID_PREFIX}{place:05d}"})


def _again(rng: np.random.Generator, case: DemoCase) -> DemoCase:
    """Return the application some days later: a smaller loan, and what was not known is known."""
    loan = case.record.loan_amount
    known = {"credit_history": 1.0} if case.record.credit_history is None else {}
    changed = known | ({"loan_amount": float(round(loan * 0.8))} if loan else {"loan_amount": 120.0})
    later = case.at + timedelta(days=int(rng.integers(2, 21)))
    return DemoCase(later, case.owner, msgspec.structs.replace(case.record, **changed))


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


_AGAINST_ADVICE = {Prediction.Outcome.REFER: 0.25}
_AGAINST_CLEAR_ADVICE = 0.04
_SECOND_THOUGHTS = 0.01
_NOTICES = 0.03  # of the denials


class DemoOfficer:
    def __init__(self, people: Mapping[str, Any], rng: np.random.Generator) -> None:
        self._people, self._rng = people, rng

    def who(self, owner: str) -> Any:
        """Return who decides: officers see only their own cases."""
        own = owner == "officer" and self._rng.random() < 0.7
        return self._people["officer" if own else "reviewer"]

    def thinks_again(self) -> bool:
        return bool(self._rng.random() < _SECOND_THOUGHTS)

    def decide(self, prediction: Prediction, by: Any, moment: datetime) -> Decision:
        share = _AGAINST_ADVICE.get(Prediction.Outcome(prediction.outcome), _AGAINST_CLEAR_ADVICE)
        approve = prediction.approved != bool(self._rng.random() < share)
        return self._decided(prediction, by, approve, moment)

    def reverse(self, decision: Decision, moment: datetime) -> None:
        approve = decision.verdict == Decision.Verdict.DENIED
        self._decided(decision.prediction, decision.by, approve, moment)

    def _decided(self, prediction: Prediction, by: Any, approve: bool, moment: datetime) -> Decision:
        verdict = Decision.Verdict.APPROVED if approve else Decision.Verdict.DENIED
        code, note = "", self._one_of(NOTES)
        if decisions.is_override(prediction, verdict):
            code, note = self._one_of(WHY_APPROVED if approve else WHY_DENIED)
        decision = decisions.decide(
            prediction=prediction, by=by, verdict=verdict, code=code, note=note, now=moment
        )
        if not approve and self._rng.random() < _NOTICES:
            _write_notice(decision, by, moment)
        return decision

    def _one_of(self, choices: Sequence[Any]) -> Any:
        return choices[int(self._rng.integers(len(choices)))]


def _write_notice(decision: Decision, by: Any, moment: datetime) -> None:
    prediction = Prediction.objects.select_related("explanation", "policy").get(pk=decision.prediction_id)
    text = draft_notice(prediction, decision, moment) + NOTICE_END
    notices.save_notice(prediction=prediction, by=by, text=text, after=0, now=moment)
