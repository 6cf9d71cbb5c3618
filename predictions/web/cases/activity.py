"""The activity of a case: every change of its application, with who, when and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.formats import date_format

from predictions.models import ApplicationEvent, Claim, Decision, Prediction, Proposal
from predictions.reading.case_file import CaseFile
from predictions.web.cases.others import ApplicationPredictions
from predictions.web.presentation import prediction_percent
from predictions.words.policies import ADVICE
from predictions.words.times import end_of, site_date


@dataclass(frozen=True, slots=True)
class Event:
    """A line of a case's activity: who did what, when, and why.

    `on` is the id of the prediction that it is about. `by` is None for what happens by itself.
    """

    at: datetime
    by: User | None
    what: str
    on: int
    override: bool = False
    code: str = ""
    note: str = ""  # never leaves the site
    applicant_text: str = ""
    asked: str = ""  # of the applicant
    application: int | None = None  # the other one that it names


def events(predictions: ApplicationPredictions, file: CaseFile) -> list[Event]:
    """Return the events of a case, newest first. At equal times notices come before decisions, and so on."""
    oldest_first = sorted([predictions.this, *predictions.others], key=lambda prediction: prediction.pk)
    scored = _scored(oldest_first, predictions.waits_from, file)
    unsorted = [*_noticed(file), *map(_decided, file.decisions), *_proposed(file), *_held(file)]
    unsorted += [*map(_happened, file.events), *_claimed(file), *reversed(scored)]
    return sorted(unsorted, key=lambda event: event.at, reverse=True)


def _scored(oldest_first: Sequence[Prediction], waits_from: int | None, file: CaseFile) -> list[Event]:
    """Return the event of each prediction, and say whether the application still waited at that time."""
    scored, waiting = [], False
    for number, prediction in enumerate(oldest_first):
        before = oldest_first[number - 1].created_at if number else prediction.created_at
        waiting = waiting and not any(before <= made.at <= prediction.created_at for made in file.decisions)
        still = waiting or (waits_from is not None and waits_from < prediction.pk)
        scored.append(_scoring(prediction, again=number > 0, still=still))
        waiting = still or prediction.outcome == Prediction.Outcome.REFER
    return scored


def _scoring(prediction: Prediction, *, again: bool, still: bool) -> Event:
    source, advice = prediction.get_source_display(), ADVICE[prediction.outcome]
    what = f"scored the application ({source}), {advice}"
    if again:
        what = f"scored it again ({source}): {prediction_percent(prediction)}%, {advice}"
    if still:
        what += "; still waits for a decision"
    return Event(prediction.created_at, prediction.made_by or prediction.owner, what, prediction.pk)


def _claimed(file: CaseFile) -> Iterator[Event]:
    """Yield claims and releases. A decision ends a claim without an event of its own."""
    decided = {decision.at for decision in file.decisions}
    for claim in file.claims:
        if claim.ended_at and claim.ended_at not in decided:
            yield Event(claim.ended_at, claim.ended_by, _released(claim), claim.prediction_id)
        yield Event(claim.at, claim.by, "claimed the case", claim.prediction_id)


def _released(claim: Claim) -> str:
    own = claim.ended_by == claim.by
    return "released the case" if own else f"took the case from {claim.by.get_username()}"


def _decided(decision: Decision) -> Event:
    what = f"{decision.verdict} the application"
    if decision.terms:
        what += f" with other terms: {decision.terms_words}"
    if decision.confirmed_by:
        what += f", confirmed by {decision.confirmed_by.get_username()}"
    texts = (decision.code_label, decision.note, decision.applicant_text)
    return Event(decision.at, decision.by, what, decision.prediction_id, decision.override, *texts)


def _noticed(file: CaseFile) -> Iterator[Event]:
    first = {notice.prediction_id: notice.pk for notice in file.notices}  # newest first: the oldest remains
    for notice in file.notices:
        if notice.confirmed_at:
            confirmed = "confirmed the letter"
            yield Event(notice.confirmed_at, notice.confirmed_by, confirmed, notice.prediction_id)
        what = "wrote" if first[notice.prediction_id] == notice.pk else "edited"
        yield Event(notice.at, notice.by, f"{what} the letter", notice.prediction_id)


_ANSWERS: dict[str, str] = {
    Proposal.Answer.CONFIRMED: "confirmed the proposed decision",
    Proposal.Answer.REFUSED: "refused the proposed decision",
    Proposal.Answer.TAKEN_BACK: "took the proposed decision back",
}


def _proposed(file: CaseFile) -> Iterator[Event]:
    for proposal in file.proposals:
        on, wanted = proposal.prediction_id or 0, proposal.content
        verb = "deny" if wanted.get("verdict") == Decision.Verdict.DENIED else "approve"
        texts = {"note": wanted.get("note", ""), "applicant_text": wanted.get("applicant_text", "")}
        if proposal.answered_at:
            answer = _ANSWERS.get(proposal.answer, "left the proposed decision outdated")
            yield Event(proposal.answered_at, proposal.answered_by, answer, on, note=proposal.answer_text)
        yield Event(proposal.at, proposal.by, f"proposed to {verb} the application", on, **texts)


def _held(file: CaseFile) -> Iterator[Event]:
    """Yield holds with their ends. A hold that nobody ended is over at the end of its last day."""
    today = site_date(timezone.now())
    for hold in file.holds:
        on, until = hold.prediction_id, date_format(hold.until, "j M Y")
        if hold.ended_at:
            yield Event(hold.ended_at, hold.ended_by, "ended the hold", on)
        elif hold.until < today:
            yield Event(_end_in_site_zone(hold.until), None, "The case came back from hold by itself", on)
        yield Event(hold.at, hold.by, f"put the case on hold until {until}", on, asked=hold.asked)


def _end_in_site_zone(day: date) -> datetime:
    with timezone.override(timezone.get_default_timezone()):
        return end_of(day)


_HAPPENED = {
    ApplicationEvent.Kind.NOTE: "wrote a note",
    ApplicationEvent.Kind.VALUES_CHANGED: "changed values",
    ApplicationEvent.Kind.WITHDRAWN: "withdrew the application",
    ApplicationEvent.Kind.MERGED: "merged this application into",
    ApplicationEvent.Kind.MERGED_FROM: "merged another one into this:",
    ApplicationEvent.Kind.KEPT_APART: "kept the application apart from another one of its Loan_ID",
}


_OTHER = {ApplicationEvent.Kind.MERGED.value: "into", ApplicationEvent.Kind.MERGED_FROM.value: "from"}


def _happened(event: ApplicationEvent) -> Event:
    what = _HAPPENED[ApplicationEvent.Kind(event.kind)]
    other = (event.detail or {}).get(_OTHER.get(event.kind, ""))
    return Event(event.at, event.by, what, event.prediction_id, note=event.text, application=other)
