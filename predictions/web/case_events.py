"""Who did what on a case, newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from predictions.case_file import CaseFile
from predictions.models import Claim, Decision, Prediction


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    by: Any
    what: str
    override: bool = False
    code: str = ""
    note: str = ""
    applicant_text: str = ""


def events(prediction: Prediction, file: CaseFile) -> list[Event]:
    """Return the events of a case; of some at the same moment the later kind of work comes first."""
    found = [*_noticed(file), *map(_decided, file.decisions), *_claimed(file), _scored(prediction)]
    return sorted(found, key=lambda event: event.at, reverse=True)


def _scored(prediction: Prediction) -> Event:
    source = prediction.get_source_display()
    return Event(prediction.created_at, prediction.owner, f"scored it ({source}): {_said(prediction)}")


def _said(prediction: Prediction) -> str:
    return prediction.get_outcome_display().lower()


def _claimed(file: CaseFile) -> Iterator[Event]:
    """Tell claims and releases; a claim that a decision ended needs no line of its own."""
    decided = {decision.at for decision in file.decisions}
    for claim in file.claims:
        if claim.ended_at and claim.ended_at not in decided:
            yield Event(claim.ended_at, claim.ended_by, _released(claim))
        yield Event(claim.at, claim.by, "claimed it")


def _released(claim: Claim) -> str:
    return "released it" if claim.ended_by == claim.by else f"released {claim.by.get_username()}'s claim"


def _decided(decision: Decision) -> Event:
    code = decision.get_code_display() if decision.code else ""
    said = (decision.override, code, decision.note, decision.applicant_text)
    return Event(decision.at, decision.by, f"{decision.verdict} it", *said)


def _noticed(file: CaseFile) -> Iterator[Event]:
    for notice in file.notices:
        first = notice is file.notices[-1]
        yield Event(notice.at, notice.by, "wrote the denial notice" if first else "edited the denial notice")
