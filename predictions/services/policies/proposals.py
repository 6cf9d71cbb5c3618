"""A change of the policy that a second person must confirm: proposed by one account, adopted by another's."""

from datetime import datetime

from predictions.errors import SecondPersonNeeded
from predictions.models import Policy, Proposal
from predictions.models.querysets import AnyUser
from predictions.services import proposals
from predictions.services.policies import policies


def adopt_or_propose(
    *, policy: Policy, replaces: int, by: AnyUser, reason: str, now: datetime | None = None
) -> Policy | Proposal:
    """Adopt a policy, or propose it if the policy in force asks for a second person.

    Parameters and errors are those of `policies.adopt_policy`.
    """
    try:
        return policies.adopt_policy(policy=policy, replaces=replaces, by=by, reason=reason, now=now)
    except SecondPersonNeeded as error:
        content = {"policy": policies.policy_numbers(policy), "replaces": replaces, "reason": reason}
        return proposals.propose(
            kind=Proposal.Kind.POLICY,
            product_id=policy.product_key,
            content=content,
            limits=error.limits,
            by=by,
            now=now,
        )


def proposed_policy(proposal: Proposal) -> Policy:
    """Return the policy that a proposal would put in force, unsaved."""
    return Policy(product_id=proposal.product_id, **proposal.content["policy"])


def confirm(*, proposal: Proposal, by: AnyUser, now: datetime | None = None) -> Policy:
    """Put a proposed policy in force. Raises `Conflict` as `proposals.confirm` does."""

    def adopt() -> Policy:
        return policies.adopt_policy(
            policy=proposed_policy(proposal),
            replaces=proposal.content["replaces"],
            by=proposal.by,
            reason=proposal.content["reason"],
            second=by,
            now=now,
        )

    def adopted() -> Policy | None:
        in_force = Policy.objects.of_product(proposal.product_key).newest()
        return in_force if in_force.previous_id == proposal.content["replaces"] else None

    return proposals.confirm(proposal=proposal, by=by, carry_out=adopt, result=adopted, now=now)
