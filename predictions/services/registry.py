"""Model versions: register a trained model, make one version the active one."""

import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from ml import store
from predictions import active_model
from predictions.errors import Conflict
from predictions.models import ModelVersion
from predictions.models.owned import Caller

if TYPE_CHECKING:
    from ml.training import TrainedModel


def register(*, trained: "TrainedModel", by: Caller | None, now: datetime | None = None) -> ModelVersion:
    """Store a trained model as a candidate: first the artefact, then the row that makes it loadable."""
    now = now or timezone.now()
    name = f"{now:%Y%m%dT%H%M%S}-{trained.recipe.name}-{secrets.token_hex(3)}"
    digest = store.save(trained, settings.ARTEFACTS / name, settings.ARTEFACT_KEY)
    return ModelVersion.objects.create(
        recipe=trained.recipe.name,
        artefact=name,
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


def activate(*, version_id: int, by: Caller | None, reason: str, now: datetime | None = None) -> ModelVersion:
    """Make a version the active one, after its artefact was loaded and verified.

    Raises
    ------
    ModelVersion.DoesNotExist, ArtefactError
        When it is unknown or cannot be trusted; the active version stays.
    Conflict
        When another activation won.
    """
    version = ModelVersion.objects.get(pk=version_id)
    active_model.open_version(version)
    try:
        with transaction.atomic():
            _retire_active(version)
            version.status = ModelVersion.Status.ACTIVE
            version.activated_at, version.reason = now or timezone.now(), reason
            version.activated_by_id = by.pk if by else None
            version.save(update_fields=["status", "activated_at", "activated_by", "reason"])
    except IntegrityError:
        raise Conflict("Another version was activated at the same time.") from None
    active_model.forget()
    return version


def _retire_active(version: ModelVersion) -> None:
    others = ModelVersion.objects.active().exclude(pk=version.pk)
    others.update(status=ModelVersion.Status.RETIRED)
