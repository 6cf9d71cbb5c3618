"""The smallest changes that would flip the outcome, as sentences."""

from ml.scorecard.flips import Flip
from predictions.models import Prediction
from predictions.services.cases.what_if import smallest_flips, wanted
from predictions.web.presentation import cuts, percent

# How the value of each actionable column is said.
_WITH = {
    "LoanAmount": "a loan of {} thousand",
    "Loan_Amount_Term": "a term of {} months",
    "CoapplicantIncome": "a co-applicant's income of {} per month",
}


class Flips:
    """One sentence for each column that has a flip; `wanted` is the outcome that they lead to."""

    def __init__(self, prediction: Prediction) -> None:
        self.wanted = wanted(prediction)
        self.sentences = [self._sentence(prediction, flip) for flip in smallest_flips(prediction=prediction)]

    def _sentence(self, prediction: Prediction, flip: Flip) -> str:
        changed = _WITH[flip.column].format(_bound(flip))
        probability = percent(flip.probability, *cuts(prediction.policy), digits=0)
        said = f"With {changed} instead of {flip.before:,.10g}, it would be {self.wanted} ({probability} %)"
        return f"{said}{_end(flip)}."


def _bound(flip: Flip) -> str:
    """Say "at most" only where further steps have the same outcome; of a forest not every one has."""
    value = f"{flip.value:,.10g}"
    if not flip.onwards and flip.until == flip.value:
        return value
    return f"at most {value}" if flip.value < flip.before else f"at least {value}"


def _end(flip: Flip) -> str:
    """Name the last step, where one beyond it has another outcome: a remark refers very small loans."""
    if flip.onwards or flip.until == flip.value:
        return ""
    return f", {'down' if flip.value < flip.before else 'up'} to {flip.until:,.10g}"
