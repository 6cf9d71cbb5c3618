"""Confirm a proposal of any kind; `services.proposals` refuses one and takes one back."""

from collections.abc import Callable
from typing import Any

from predictions.models import Proposal
from predictions.models.querysets import AnyUser
from predictions.services.cases import proposals as decision_proposals
from predictions.services.policies import proposals as policy_proposals
from predictions.services.versions import proposals as activation_proposals

_CONFIRM: dict[str, Callable[..., Any]] = {
    Proposal.Kind.DECISION: decision_proposals.confirm,
    Proposal.Kind.POLICY: policy_proposals.confirm,
    Proposal.Kind.ACTIVATION: activation_proposals.confirm,
}


def confirm(*, proposal: Proposal, by: AnyUser) -> Any:
    """Confirm a proposal, and return what the service that carries it out returns.

    Raises
    ------
    Conflict
        If `by` made the proposal, if it was answered, or if another change made it outdated.
    """
    return _CONFIRM[proposal.kind](proposal=proposal, by=by)
