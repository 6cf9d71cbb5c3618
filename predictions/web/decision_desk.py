"""What a case's page offers to those who decide, and what they decided."""

from predictions.case_file import CaseFile
from predictions.models import Decision, Prediction
from predictions.models.owned import Caller
from predictions.roles import DECIDE, SEE_ALL
from predictions.web.forms_decisions import DecisionForm


class DecisionDesk:
    """The decision that counts, the claim that stands, and what this user may do next."""

    def __init__(
        self,
        prediction: Prediction,
        user: Caller,
        *,
        file: CaseFile,
        scored_again: bool,
        form: DecisionForm,
        error: str = "",
    ) -> None:
        claim = file.claim
        self.form, self.error, self.claim = form, error, claim
        self.newest = file.decisions[0] if file.decisions else None
        self.earlier = file.decisions[1:]
        self.advice = "approve" if prediction.approved else "deny"
        self.referred = prediction.outcome == Prediction.Outcome.REFER
        self.waits = self.referred and not (self.newest or scored_again)
        self.mine = claim is not None and claim.by_id == user.pk
        self.open = claim is None or self.mine
        self.may_decide = user.has_perm(DECIDE)
        self.may_release = claim is not None and self.may_decide and (self.mine or user.has_perm(SEE_ALL))

    @property
    def denied(self) -> bool:
        return self.newest is not None and self.newest.verdict == Decision.Verdict.DENIED
