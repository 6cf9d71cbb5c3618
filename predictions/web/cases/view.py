"""What the page of one prediction needs: words and lengths for what the rows hold as facts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ml.applications.schema import BY_COLUMN
from ml.scorecard.outcomes import remark_words
from predictions.errors import ModelUnreadable
from predictions.models import Claim, Decision, Policy, Prediction
from predictions.reading.case_file import CaseFile
from predictions.web.cases.others import OtherPredictions
from predictions.web.cases.parts import Flips, Scale, inputs_of, missing_values_of
from predictions.web.cases.reasons import Reasons
from predictions.web.presentation import ADVICE, prediction_percent


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
    source, advice = prediction.get_source_display(), ADVICE[prediction.outcome]
    what = f"scored the application ({source}), {advice}"
    if again:
        what = f"scored it again ({source}): {prediction_percent(prediction)}%, {advice}"
    if still:
        what += "; still waits for a decision"
    return Event(prediction.created_at, prediction.owner, what, prediction.pk)


def _claimed(file: CaseFile) -> Iterator[Event]:
    """Tell claims and releases; a claim that a decision ended needs no line of its own."""
    decided = {decision.at for decision in file.decisions}
    for claim in file.claims:
        if claim.ended_at and claim.ended_at not in decided:
            yield Event(claim.ended_at, claim.ended_by, _released(claim), claim.prediction_id)
        yield Event(claim.at, claim.by, "claimed the case", claim.prediction_id)


def _released(claim: Claim) -> str:
    own = claim.ended_by == claim.by
    return "released the case" if own else f"took the case from {claim.by.get_username()}"


def _decided(decision: Decision) -> Event:
    code = decision.get_code_display() if decision.code else ""
    said = (decision.override, code, decision.note, decision.applicant_text)
    return Event(
        decision.at, decision.by, f"{decision.verdict} the application", decision.prediction_id, *said
    )


def _noticed(file: CaseFile) -> Iterator[Event]:
    first = {notice.prediction_id: notice.pk for notice in file.notices}  # newest first: the last one stays
    for notice in file.notices:
        what = "wrote" if first[notice.prediction_id] == notice.pk else "edited"
        yield Event(notice.at, notice.by, f"{what} the denial notice", notice.prediction_id)


_SEE_REMARKS = "A value has a remark: see the top of this page."


class CaseView:
    """A prediction, all that was recorded about it, and what would change it."""

    def __init__(self, prediction: Prediction, others: Sequence[Prediction], file: CaseFile) -> None:
        self.prediction = prediction
        self.version = prediction.model_version
        self.policy = prediction.policy
        self.next_policy: Policy | None = getattr(prediction.policy, "next", None)
        self.scale = Scale(prediction.approval_probability, self.policy, prediction.outcome)
        self.probability, self.threshold = self.scale.probability, self.scale.threshold
        self.reasons = Reasons(prediction.base, prediction.reasons, prediction.log_odds)
        self.remarks = [remark_words(remark) for remark in prediction.warnings]
        self.remarks_refer = self.policy.rule.refers_for(prediction.referring_remarks)
        self.why_referred = self._why_referred()
        self.missing = missing_values_of(prediction)
        self.protected = [BY_COLUMN[column].label for column in self.version.protected_columns]
        self.events = events(prediction, others, file)
        self.others = OtherPredictions.of(prediction, others)
        self.inputs = inputs_of(prediction)
        self._ask_the_model()

    def _why_referred(self) -> list[str]:
        """Return a sentence for each cause; remarks stand above already."""
        causes = self.prediction.causes
        others = [cause["text"] for cause in causes if not cause["code"].startswith("remark:")]
        return [*others, _SEE_REMARKS] if self.remarks_refer else others

    def _ask_the_model(self) -> None:
        """Look for flips; a version that cannot be loaded any more leaves the rest of the page as it is."""
        self.flips: Flips | None = None
        self.unreadable = ""
        try:
            self.flips = Flips(self.prediction)
        except ModelUnreadable as error:
            self.unreadable = error.detail
