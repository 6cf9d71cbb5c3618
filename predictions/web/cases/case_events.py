"""Who did what on an application, newest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from predictions.models import Claim, Decision, Prediction
from predictions.reading.case_file import CaseFile
from predictions.web.presentation import percent_text


@dataclass(frozen=True, slots=True)
class Event:
    """`on` is the prediction that was scored, decided, claimed or written about."""

    at: datetime
    by: Any
    what: str
    on: int
    override: bool = False
    code: str = ""
    note: str = ""
    applicant_text: str = ""


def events(prediction: Any, others: Sequence[Prediction], file: CaseFile) -> list[Event]:
    """Return the events of a case; of some at the same moment the later kind of work comes first."""
    scored = _scored(sorted([prediction, *others], key=lambda one: one.pk), prediction.waits_from, file)
    found = [*_noticed(file), *map(_decided, file.decisions), *_claimed(file), *reversed(scored)]
    return sorted(found, key=lambda event: event.at, reverse=True)


def _scored(known: Sequence[Prediction], waits_from: int | None, file: CaseFile) -> list[Event]:
    """Tell of each prediction, oldest first, and whether the application waited when it was scored again."""
    found, waiting = [], False
    for number, prediction in enumerate(known):
        before = known[number - 1].created_at if number else prediction.created_at
        waiting = waiting and not any(before <= made.at <= prediction.created_at for made in file.decisions)
        still = waiting or (waits_from is not None and waits_from < prediction.pk)
        found.append(_scoring(prediction, again=number > 0, still=still))
        waiting = still or prediction.outcome == Prediction.Outcome.REFER
    return found


def _scoring(prediction: Prediction, *, again: bool, still: bool) -> Event:
    source, said = prediction.get_source_display(), prediction.get_outcome_display().lower()
    what = f"scored it ({source}): {said}"
    if again:
        what = f"scored it again ({source}): now {said}, {percent_text(prediction)} %"
    if still:
        what += "; it goes on waiting for a person's decision"
    return Event(prediction.created_at, prediction.owner, what, prediction.pk)


def _claimed(file: CaseFile) -> Iterator[Event]:
    """Tell claims and releases; a claim that a decision ended needs no line of its own."""
    decided = {decision.at for decision in file.decisions}
    for claim in file.claims:
        if claim.ended_at and claim.ended_at not in decided:
            yield Event(claim.ended_at, claim.ended_by, _released(claim), claim.prediction_id)
        yield Event(claim.at, claim.by, "claimed it", claim.prediction_id)


def _released(claim: Claim) -> str:
    return "released it" if claim.ended_by == claim.by else f"released {claim.by.get_username()}'s claim"


def _decided(decision: Decision) -> Event:
    code = decision.get_code_display() if decision.code else ""
    said = (decision.override, code, decision.note, decision.applicant_text)
    return Event(decision.at, decision.by, f"{decision.verdict} it", decision.prediction_id, *said)


def _noticed(file: CaseFile) -> Iterator[Event]:
    first = {notice.prediction_id: notice.pk for notice in file.notices}  # newest first: the last one stays
    for notice in file.notices:
        what = "wrote" if first[notice.prediction_id] == notice.pk else "edited"
        yield Event(notice.at, notice.by, f"{what} the denial notice", notice.prediction_id)
