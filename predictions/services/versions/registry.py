"""Register a trained model as a candidate, and make a version the active one."""

import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from ml.artefacts import store
from predictions.errors import Conflict, SecondPersonNeeded
from predictions.live import active_model, artefact_copies
from predictions.models import (
    BUILT_IN,
    Activation,
    ModelVersion,
    OutOfFold,
    Policy,
    Proposal,
    SchemaVersion,
)
from predictions.models.querysets import AnyUser
from predictions.services.versions import gate, meanings
from predictions.services.writing import audit
from predictions.services.writing.locks import write_transaction
from predictions.words.written import checked_reason

if TYPE_CHECKING:
    from ml.applications.types import Floats
    from ml.training.training import TrainedModel


def register(
    *,
    trained: "TrainedModel",
    by: AnyUser | None,
    product_id: int = BUILT_IN,
    schema: SchemaVersion | None = None,
    now: datetime | None = None,
    prefix: str = "",
) -> ModelVersion:
    """Store a trained model as a candidate: first the artefact, then the row that makes it loadable.

    Parameters
    ----------
    product_id, schema
        The product, and the version of its schema that the model reads; ``None`` is the built-in product's
        first version.
    prefix
        Start of the artefact's name.
    """
    now = now or timezone.now()
    name = f"{prefix}{now:%Y%m%dT%H%M%S}-{trained.recipe.name}-{secrets.token_hex(3)}"
    digest = store.save(trained, settings.ARTEFACTS / name, settings.ARTEFACT_KEY)
    return register_stored(
        trained=trained, artefact=name, digest=digest, by=by, product_id=product_id, schema=schema, now=now
    )


def register_stored(
    *,
    trained: "TrainedModel",
    artefact: str,
    digest: str,
    by: AnyUser | None,
    product_id: int = BUILT_IN,
    schema: SchemaVersion | None = None,
    now: datetime | None = None,
) -> ModelVersion:
    """Register a trained model whose artefact is in the store already, and store a copy of the artefact."""
    now = now or timezone.now()
    version = ModelVersion(
        product_id=product_id,
        schema=schema,
        recipe=trained.recipe.name,
        artefact=artefact,
        digest=digest,
        columns=list(trained.recipe.columns),
        protected_columns=list(trained.recipe.protected),
        data_name=trained.dataset.name,
        data_digest=trained.dataset.digest,
        synthetic=trained.dataset.synthetic,
        report=trained.report,
        created_at=now,
        created_by_id=by.pk if by else None,
    )
    with write_transaction():
        version.save(force_insert=True)
        artefact_copies.keep_copy(version)
        keep_out_of_fold(version, trained.out_of_fold, now=now)
    return version


def keep_out_of_fold(
    version: ModelVersion, probabilities: "Floats", now: datetime | None = None
) -> OutOfFold:
    """Store the out-of-fold probabilities of a version, shape (repeats, n), if it has none yet."""
    facts = {
        "repeats": len(probabilities),
        "probabilities": probabilities.astype("<f8").tobytes(),
        "made_at": now or timezone.now(),
    }
    return OutOfFold.objects.get_or_create(version=version, defaults=facts)[0]


def activate(
    *,
    version_id: int,
    by: AnyUser | None,
    reason: str,
    override: bool = False,
    confirm_means: bool = False,
    second: AnyUser | None = None,
    now: datetime | None = None,
) -> ModelVersion:
    """Make a version the active one, after it passed the gate and its artefact was verified.

    If the same user activates it again for the same reason, as a second click does, nothing changes.

    The gate judges candidates only: a retired version passed it before, and rolling back must be quick.
    `override` activates a candidate that the gate refuses or could not judge. `confirm_means` confirms what a
    good outcome means, which is needed once for a schema whose draft guessed it. `second` confirmed the
    activation, which an override needs where the policy in force asks for it. Open proposals for the product
    are outdated from then on.

    Raises
    ------
    InvalidValue
        If the reason is missing or invalid.
    ModelVersion.DoesNotExist
        If there is no such version.
    ArtefactError
        If the artefact cannot be trusted. The active version stays.
    GateRefused, NotCompared
        If the candidate does not pass the gate.
    MeaningNotConfirmed
        If nobody has confirmed what a good outcome means.
    Conflict
        If the version is active already, or another activation won.
    SecondPersonNeeded
        If the gate would be overridden, the policy in force asks for a second person, and nobody confirmed.
    """
    checked_reason(reason)
    version = ModelVersion.objects.get(pk=version_id)
    if version.status == ModelVersion.Status.ACTIVE:
        return _repeated(version, by, reason)
    previous = ModelVersion.objects.of_product(version.product_key).active().first()
    passed = gate.pass_gate(candidate=version, incumbent=previous, override=override)
    confirmed = meanings.check_confirmation(version, confirms=confirm_means)
    active_model.open_version(version)
    if passed.overridden and second is None:
        _require_nobody_else(version)
    artefact_copies.keep_copy(version)
    facts = {"at": now or timezone.now(), "by_id": by.pk if by else None, "reason": reason}
    try:
        _switch(
            Activation(
                version=version, previous=previous, means_confirmed=confirmed, **facts, **passed._asdict()
            ),
            second,
        )
    except _LostRace:
        return _repeated(ModelVersion.objects.get(pk=version_id), by, reason)
    active_model.forget()
    return version


def _require_nobody_else(version: ModelVersion) -> None:
    """Raise `SecondPersonNeeded` if the policy in force lets nobody override the gate alone."""
    if Policy.objects.of_product(version.product_key).newest().second_for_gate:
        raise SecondPersonNeeded("Overriding the gate", ["second_for_gate"])


class _LostRace(Exception):
    """Another activation was committed first."""


def _repeated(version: ModelVersion, by: AnyUser | None, reason: str) -> ModelVersion:
    """Return the version if `by` activated it for the same reason. Raises `Conflict` otherwise."""
    if version.status != ModelVersion.Status.ACTIVE:
        raise Conflict("Another version was activated at the same time.")
    if by is None or (version.activated_by_id, version.reason) != (by.pk, reason):
        raise Conflict(f"Version {version.pk} is active already.")
    return version


def _switch(activation: Activation, second: AnyUser | None) -> None:
    """Retire the previous version and activate the new one. Of two activations at the same time, one wins."""
    version, previous = activation.version, activation.previous
    try:
        with transaction.atomic():
            if previous and not _retire(previous):
                raise _LostRace
            version.status = ModelVersion.Status.ACTIVE
            version.activated_at, version.activated_by = activation.at, activation.by
            version.reason = activation.reason
            version.save(update_fields=["status", "activated_at", "activated_by", "reason"])
            activation.save()
            _close_proposals(activation)
            _record(activation, second)
    except IntegrityError:
        raise _LostRace from None


def _close_proposals(activation: Activation) -> None:
    """Mark the open proposals to activate a version of the product as outdated."""
    of_product = Proposal.objects.of_product(activation.version.product_key)
    of_product.filter(kind=Proposal.Kind.ACTIVATION).outdate(activation.at)


def _record(activation: Activation, second: AnyUser | None) -> None:
    detail = {
        "version": activation.version_id,
        "previous": activation.previous_id,
        "reason": activation.reason,
    }
    if second:
        detail["confirmed_by"] = second.pk
    if activation.means_confirmed:
        detail["means_confirmed"] = meanings.meaning_of(activation.version).words
    action = "model override" if activation.overridden else "model activation"
    audit.record(by=activation.by, action=action, detail=detail, now=activation.at)


def _retire(version: ModelVersion) -> bool:
    """Retire a version. Return False if it is not active any more."""
    still_active = ModelVersion.objects.active().filter(pk=version.pk)
    return still_active.update(status=ModelVersion.Status.RETIRED) == 1
