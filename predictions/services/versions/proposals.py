"""An activation against the gate that a second person must confirm."""

from datetime import datetime

from predictions.errors import Conflict, SecondPersonNeeded
from predictions.models import ModelVersion, Proposal
from predictions.models.querysets import AnyUser
from predictions.services import proposals
from predictions.services.versions import registry


def activate_or_propose(
    *,
    version_id: int,
    by: AnyUser,
    reason: str,
    override: bool = False,
    confirm_means: bool = False,
    now: datetime | None = None,
) -> ModelVersion | Proposal:
    """Activate a version, or propose it if the policy in force asks for a second person.

    Parameters and errors are those of `registry.activate`.
    """
    try:
        return registry.activate(
            version_id=version_id,
            by=by,
            reason=reason,
            override=override,
            confirm_means=confirm_means,
            now=now,
        )
    except SecondPersonNeeded as error:
        version = ModelVersion.objects.get(pk=version_id)
        wishes = {"reason": reason, "override": override, "confirm_means": confirm_means}
        return proposals.propose(
            kind=Proposal.Kind.ACTIVATION,
            product_id=version.product_key,
            content={"version": version_id, "replaces": _active_id(version.product_key), **wishes},
            limits=error.limits,
            by=by,
            now=now,
        )


def confirm(*, proposal: Proposal, by: AnyUser, now: datetime | None = None) -> ModelVersion:
    """Activate the proposed version. Raises `Conflict` as `proposals.confirm` does."""

    def activate() -> ModelVersion:
        wishes = dict(proposal.content)
        version_id, replaces = wishes.pop("version"), wishes.pop("replaces")
        if _active_id(proposal.product_key) != replaces:
            raise Conflict("Another version was activated meanwhile. Review it before you change it.")
        return registry.activate(version_id=version_id, by=proposal.by, second=by, now=now, **wishes)

    def activated() -> ModelVersion | None:
        active = ModelVersion.objects.of_product(proposal.product_key).active()
        return active.filter(pk=proposal.content["version"]).first()

    return proposals.confirm(proposal=proposal, by=by, carry_out=activate, result=activated, now=now)


def _active_id(product_id: int) -> int | None:
    active = ModelVersion.objects.of_product(product_id).active()
    return active.values_list("pk", flat=True).first()
