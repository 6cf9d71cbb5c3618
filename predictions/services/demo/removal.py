"""Delete the demo, and nothing else.

While the demo exists, older policies have dates before the demo's year.
"""

import shutil
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from predictions.live import active_model, active_policy
from predictions.models import (
    BUILT_IN,
    Activation,
    AuditRecord,
    Comparison,
    Explanation,
    ModelVersion,
    Policy,
    Prediction,
)
from predictions.services.demo.marks import demo_activations, demo_policies, demo_predictions, demo_versions
from predictions.services.policies import policies
from predictions.services.retention.pruning import CASE_RECORD_MODELS
from predictions.services.scoring.blocks import delete_empty_blocks
from predictions.services.scoring.kept_counts import forget_counts
from predictions.services.scoring.rankings import forget_rankings
from predictions.services.writing import audit
from predictions.services.writing.locks import write_transaction

_ACTION = "demo policies"


@transaction.atomic
def backdate_policies(*, before: datetime, now: datetime) -> None:
    """Move the dates of all policies back by the same span, so that the last one begins before `before`.

    The demo's own policies begin a year ago. The audit log keeps the dates, for `restore_policies`.
    """
    policies = list(Policy.objects.order_by("pk"))
    span = max(policy.at for policy in policies) - before + timedelta(seconds=1)
    if span <= timedelta(0):
        return
    times = {policy.pk: policy.at.isoformat() for policy in policies}
    audit.record(by=None, action=_ACTION, detail={"moved": times}, now=now)
    for policy in policies:
        Policy.objects.filter(pk=policy.pk).update(at=policy.at - span)


def restore_policies() -> None:
    """Give the policies their own dates again. Doing it twice changes nothing."""
    backdating = AuditRecord.objects.filter(action=_ACTION).first()
    for pk, at in backdating.detail["moved"].items() if backdating else ():
        Policy.objects.filter(pk=pk).update(at=datetime.fromisoformat(at))


_RESTORED = "What was in force before the demo"


class Removed(NamedTuple):
    """The number of deleted predictions, and the versions and policies that other data needs."""

    predictions: int
    kept_versions: list[int]
    kept_policies: list[int]


def remove_demo(*, now: datetime | None = None) -> Removed:
    """Delete the demo's rows and artefacts. The version and policy from before the demo are in force again.

    Versions and policies that other predictions need stay; such versions are retired. Audit records stay.
    """
    now = now or timezone.now()
    with write_transaction():
        predictions = _delete_cases()
        kept_versions, artefacts = _delete_versions()
        removed = Removed(predictions, kept_versions, _delete_policies())
        if not removed.kept_policies:
            restore_policies()
        audit.record(by=None, action="demo removal", detail=removed._asdict(), now=now)
    for artefact in artefacts:
        shutil.rmtree(settings.ARTEFACTS / artefact, ignore_errors=True)
    _restore_policy(now)
    active_model.forget()
    active_policy.forget()
    return removed


def _delete_cases() -> int:
    demo = {"prediction__source": Prediction.Source.DEMO}
    for model in CASE_RECORD_MODELS:
        model._base_manager.filter(**demo).delete()
    number: int = demo_predictions().delete()[0]
    forget_counts()
    forget_rankings()
    delete_empty_blocks()
    Explanation.objects.exclude(pk__in=Prediction.objects.order_by().values("explanation")).delete()
    return number


def _delete_versions() -> tuple[list[int], list[str]]:
    """Return the ids of the versions that stay, and the artefacts of the deleted ones."""
    versions = list(demo_versions().only("artefact", "status"))
    kept = [version.pk for version in versions if Prediction.objects.filter(model_version=version).exists()]
    deleted = [version for version in versions if version.pk not in kept]
    _roll_back(versions)
    demo_activations().exclude(version__in=kept).delete()
    Activation.objects.filter(version__in=deleted).delete()
    Activation.objects.filter(previous__in=deleted).update(previous=None)
    Comparison.objects.filter(Q(candidate__in=deleted) | Q(incumbent__in=deleted)).delete()
    ModelVersion.objects.filter(pk__in=[version.pk for version in deleted]).delete()
    return kept, [version.artefact for version in deleted]


def _roll_back(versions: list[ModelVersion]) -> None:
    """Retire the demo's active version, and activate the version that was active before it."""
    if not any(version.status == ModelVersion.Status.ACTIVE for version in versions):
        return
    ModelVersion.objects.active().filter(pk__in=[version.pk for version in versions]).update(
        status=ModelVersion.Status.RETIRED
    )
    others = Activation.objects.exclude(version__in=versions).exclude(pk__in=demo_activations())
    if last := others.first():
        facts = {"activated_at": last.at, "activated_by": last.by_id, "reason": last.reason}
        ModelVersion.objects.filter(pk=last.version_id).update(status=ModelVersion.Status.ACTIVE, **facts)


def _delete_policies() -> list[int]:
    """Delete the demo's policies, newest first: each refers to the one before. Return the ids that stay."""
    kept = []
    for policy in demo_policies():
        if (
            Prediction.objects.filter(policy=policy).exists()
            or Policy.objects.filter(previous=policy).exists()
        ):
            kept.append(policy.pk)
        else:
            policy.delete()
    return kept


def _restore_policy(now: datetime) -> None:
    """If the demo's newest policy had to stay, adopt the policy from before the demo again."""
    newest = Policy.objects.of_product(BUILT_IN).newest()
    if newest not in demo_policies():
        return
    before = Policy.objects.exclude(pk__in=demo_policies()).newest()
    policy = Policy(**policies.policy_numbers(before))
    policies.adopt_policy(policy=policy, replaces=newest.pk, by=None, reason=_RESTORED, now=now)
