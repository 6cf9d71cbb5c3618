"""A proposed decision in words, and what the reader may do with it."""

from predictions.live import decision_codes
from predictions.models import Decision, Prediction, Proposal
from predictions.models.querysets import AnyUser
from predictions.roles import CONFIRM
from predictions.services.proposals import others_may_confirm

_LIMITS = {
    "limit_amount": "the amount is above the limit",
    "second_for_overrides": "it is against the model's advice",
}


class ProposedDecision:
    """An open proposal to decide a case."""

    def __init__(self, proposal: Proposal, prediction: Prediction, user: AnyUser) -> None:
        content = proposal.content
        self.proposal, self.by, self.at = proposal, proposal.by, proposal.at
        self.verb = "deny" if content["verdict"] == Decision.Verdict.DENIED else "approve"
        self.terms = prediction.schema.terms_words(content.get("terms") or {})
        self.code = decision_codes.label_of(content["code"]) if content["code"] else ""
        self.note, self.applicant_text = content["note"], content["applicant_text"]
        self.why = " and ".join(_LIMITS.get(limit, limit) for limit in proposal.limits)
        self.is_own = proposal.by_id == user.pk
        self.may_answer = user.has_perm(CONFIRM) and not self.is_own

    @property
    def nobody_else(self) -> bool:
        """Whether no other account could confirm it."""
        return not others_may_confirm(self.proposal)
