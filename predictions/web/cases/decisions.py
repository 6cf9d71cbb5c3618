"""What a case's page offers to those who decide, and what they decided."""

from typing import Any

from predictions.models import Decision, Prediction
from predictions.models.querysets import Caller
from predictions.reading.case_file import CaseFile
from predictions.roles import DECIDE, SEE_ALL
from predictions.web.cases.forms_decisions import DecisionForm


class DecisionDesk:
    """The decision that counts, the claim that stands, and what this user may do next.

    `prediction` comes with `waits_from` (see `case_and_others`). With an outdated one there is nothing to do.
    """

    def __init__(
        self,
        prediction: Any,
        user: Caller,
        *,
        file: CaseFile,
        newest: Prediction,
        form: DecisionForm,
        error: str = "",
    ) -> None:
        claim = file.claim
        self.form, self.error, self.claim = form, error, claim
        own = [decision for decision in file.decisions if decision.prediction_id == prediction.pk]
        self.newest, self.earlier = own[0] if own else None, own[1:]
        self.outdated = newest.pk != prediction.pk
        self.before = [decision for decision in file.decisions if decision.prediction_id < prediction.pk]
        self.advice = "approve" if prediction.approved else "deny"
        self.referred = prediction.outcome == Prediction.Outcome.REFER
        self.remarked = prediction.policy.rule.heeds(prediction.referring)
        self.waits = prediction.waits_from is not None and not self.outdated
        self.waits_from = prediction.waits_from if self.waits else None
        self.mine = claim is not None and claim.by_id == user.pk
        self.open = claim is None or self.mine
        self.may_decide = user.has_perm(DECIDE) and not self.outdated
        self.may_release = claim is not None and self.may_decide and (self.mine or user.has_perm(SEE_ALL))

    @property
    def denied(self) -> bool:
        return self.newest is not None and self.newest.verdict == Decision.Verdict.DENIED
