"""What the page of one prediction needs: words and lengths for what the rows hold as facts."""

from collections.abc import Sequence

from ml.applications.schema import BY_COLUMN
from ml.scorecard.outcomes import remark_words
from predictions.errors import ModelUnreadable
from predictions.models import Policy, Prediction
from predictions.reading.case_file import CaseFile
from predictions.web.cases.case_events import events
from predictions.web.cases.case_flips import Flips
from predictions.web.cases.case_gaps import missing_values
from predictions.web.cases.case_inputs import input_rows
from predictions.web.cases.others import Others
from predictions.web.cases.parts import Scale
from predictions.web.cases.reasons import Reasons


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
        self.remarks_refer = self.policy.rule.heeds(prediction.referring)
        self.why_referred = self._why_referred()
        self.missing = missing_values(prediction)
        self.protected = [BY_COLUMN[column].label for column in self.version.protected_columns]
        self.events = events(prediction, others, file)
        self.others = Others.of(prediction, others)
        self.inputs = input_rows(prediction)
        self._ask_the_model()

    def _why_referred(self) -> list[str]:
        """Return a sentence for each cause; remarks stand above already."""
        causes = self.prediction.causes
        others = [cause["text"] for cause in causes if not cause["code"].startswith("remark:")]
        return [*others, "A value with a remark refers it: see above."] if self.remarks_refer else others

    def _ask_the_model(self) -> None:
        """Look for flips; a version that cannot be loaded any more leaves the rest of the page as it is."""
        self.flips: Flips | None = None
        self.unreadable = ""
        try:
            self.flips = Flips(self.prediction)
        except ModelUnreadable as error:
            self.unreadable = error.detail
