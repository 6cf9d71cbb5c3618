"""A case as its page shows it: the words for what is stored."""

from django.utils.timesince import timesince

from ml.scorecard.outcomes import remark_words
from predictions.errors import ModelUnreadable
from predictions.models import Policy
from predictions.reading.case_file import CaseFile
from predictions.web.cases.activity import events
from predictions.web.cases.facts import facts_of, state_words
from predictions.web.cases.others import ApplicationPredictions, OtherPredictions
from predictions.web.cases.parts import Flips, Scale, inputs_of, missing_values_of, uncertainty_words
from predictions.web.cases.reasons import Reasons

_SEE_REMARKS = "A value has a remark: see above."


class CaseView:
    """A prediction, its records, and the changes that would change its outcome."""

    def __init__(self, predictions: ApplicationPredictions, file: CaseFile) -> None:
        self.prediction, self.number = predictions.this, predictions.number
        prediction = self.prediction
        self.state = predictions.state
        self.state_words = state_words(self.state, prediction, file)
        self.facts, self.age = facts_of(prediction), timesince(prediction.created_at, depth=1)
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
