"""A case as its page shows it: its activity, and the words for what is stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User

from ml.scorecard.outcomes import remark_words
from predictions.errors import ModelUnreadable
from predictions.models import Claim, Decision, Policy, Prediction
from predictions.reading.case_file import CaseFile
from predictions.web.cases.others import ApplicationPredictions, OtherPredictions
from predictions.web.cases.parts import Flips, Scale, inputs_of, missing_values_of, uncertainty_words
from predictions.web.cases.reasons import Reasons
from predictions.web.presentation import prediction_percent
from predictions.words.policies import ADVICE


@dataclass(frozen=True, slots=True)
class Event:
    """A line of a case's activity. `on` is the id of the prediction that it is about."""

    at: datetime
    by: User | None
    what: str
    on: int
    override: bool = False
    code: str = ""
    note: str = ""
    applicant_text: str = ""


def events(predictions: ApplicationPredictions, file: CaseFile) -> list[Event]:
    """Return the events of a case, newest first. At equal times notices come before decisions, and so on."""
    oldest_first = sorted([predictions.this, *predictions.others], key=lambda prediction: prediction.pk)
    scored = _scored(oldest_first, predictions.waits_from, file)
    unsorted = [*_noticed(file), *map(_decided, file.decisions), *_claimed(file), *reversed(scored)]
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
    return Event(prediction.created_at, prediction.owner, what, prediction.pk)


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
    texts = (decision.code_label, decision.note, decision.applicant_text)
    return Event(decision.at, decision.by, what, decision.prediction_id, decision.override, *texts)


def _noticed(file: CaseFile) -> Iterator[Event]:
    first = {notice.prediction_id: notice.pk for notice in file.notices}  # newest first: the oldest remains
    for notice in file.notices:
        what = "wrote" if first[notice.prediction_id] == notice.pk else "edited"
        yield Event(notice.at, notice.by, f"{what} the denial notice", notice.prediction_id)


_SEE_REMARKS = "A value has a remark: see the top of this page."


class CaseView:
    """A prediction, its records, and the changes that would change its outcome."""

    def __init__(self, predictions: ApplicationPredictions, file: CaseFile) -> None:
        self.prediction, self.number = predictions.this, predictions.number
        prediction = self.prediction
        self.version = prediction.model_version
        self.policy = prediction.policy
        self.next_policy: Policy | None = getattr(prediction.policy, "next", None)
        self.scale = Scale(prediction.approval_probability, self.policy, prediction.outcome)
        self.probability, self.threshold = self.scale.probability, self.scale.threshold
        self.reasons = Reasons(prediction.base, prediction.reasons, prediction.log_odds)
        self.remarks = [remark_words(prediction.schema, remark) for remark in prediction.warnings]
        self.remarks_refer = self.policy.rule.refers_for(prediction.referring_remarks)
        self.why_referred = self._why_referred()
        self.missing = missing_values_of(prediction)
        self.protected = [
            prediction.schema.by_column[column].label for column in self.version.protected_columns
        ]
        self.events = events(predictions, file)
        self.others = OtherPredictions.of(prediction, predictions.others)
        self.inputs = inputs_of(prediction)
        self.means = prediction.schema.target.means
        self._ask_model()

    def _why_referred(self) -> list[str]:
        """Return a sentence for each cause. The page shows remarks above: one sentence refers to them."""
        causes = self.prediction.causes
        sentences = [cause["text"] for cause in causes if not cause["code"].startswith("remark:")]
        return [*sentences, _SEE_REMARKS] if self.remarks_refer else sentences

    def _ask_model(self) -> None:
        """Find flips and uncertainty. The page is complete without them if the version cannot be loaded."""
        self.flips: Flips | None = None
        self.unreadable, self.unclear = "", ""
        try:
            self.flips = Flips(self.prediction)
            self.unclear = uncertainty_words(self.prediction)
        except ModelUnreadable as error:
            self.unreadable = error.detail
