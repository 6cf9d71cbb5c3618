"""Taking the demo out again, and nothing else."""

import shutil
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from predictions.live import active_model, active_policy
from predictions.models import (
    Activation,
    AuditRecord,
    Claim,
    Comparison,
    Decision,
    Explanation,
    ModelVersion,
    Notice,
    Policy,
    Prediction,
)
from predictions.services.demo import marks as demo_marks
from predictions.services.policies import policies
from predictions.services.writing import audit
from predictions.services.writing.locks import write_transaction

_ACTION = "demo policies"


@transaction.atomic
def backdate_policies(*, before: datetime, now: datetime) -> None:
    """Move the policies on record back by one span, so that the last one begins before `before`.

    The demo's own ones begin a year ago. What is on record is in the audit log, for `restore_policies`.
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
    """Give the policies their own times again. Those never change, so that doing it twice does no harm."""
    moved = AuditRecord.objects.filter(action=_ACTION).first()
    for pk, at in moved.detail["moved"].items() if moved else ():
        Policy.objects.filter(pk=pk).update(at=datetime.fromisoformat(at))


_RESTORED = "What was in force before the demo"


class Removed(NamedTuple):
    """What was taken out, and what had to stay since something else needs it."""

    predictions: int
    kept_versions: list[int]
    kept_policies: list[int]


def remove_demo(*, now: datetime | None = None) -> Removed:
    """Take out the demo's rows and artefacts. What was active before is active again.

    A version or policy that others' predictions need stays, the version retired. Audit records stay.
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
    for model in (Notice, Claim, Decision):
        model.objects.filter(**demo).delete()
    number: int = demo_marks.demo_predictions().delete()[0]
    Explanation.objects.exclude(pk__in=Prediction.objects.order_by().values("explanation")).delete()
    return number


def _delete_versions() -> tuple[list[int], list[str]]:
    """Return the versions that stay, and the artefacts of those that do not."""
    demo = list(demo_marks.demo_versions().only("artefact", "status"))
    kept = [version.pk for version in demo if Prediction.objects.filter(model_version=version).exists()]
    gone = [version for version in demo if version.pk not in kept]
    _retire(demo)
    demo_marks.demo_activations().exclude(version__in=kept).delete()
    Activation.objects.filter(version__in=gone).delete()
    Activation.objects.filter(previous__in=gone).update(previous=None)
    Comparison.objects.filter(Q(candidate__in=gone) | Q(incumbent__in=gone)).delete()
    ModelVersion.objects.filter(pk__in=[version.pk for version in gone]).delete()
    return kept, [version.artefact for version in gone]


def _retire(demo: list[ModelVersion]) -> None:
    """Make the version that was live before the demo's the active one again, if there was one."""
    if not any(version.status == ModelVersion.Status.ACTIVE for version in demo):
        return
    ModelVersion.objects.active().filter(pk__in=[version.pk for version in demo]).update(
        status=ModelVersion.Status.RETIRED
    )
    others = Activation.objects.exclude(version__in=demo).exclude(pk__in=demo_marks.demo_activations())
    if last := others.first():
        facts = {"activated_at": last.at, "activated_by": last.by_id, "reason": last.reason}
        ModelVersion.objects.filter(pk=last.version_id).update(status=ModelVersion.Status.ACTIVE, **facts)


def _delete_policies() -> list[int]:
    """Delete from the newest on: each holds the one before it. Return those that stay."""
    kept = []
    for policy in demo_marks.demo_policies():
        if (
            Prediction.objects.filter(policy=policy).exists()
            or Policy.objects.filter(previous=policy).exists()
        ):
            kept.append(policy.pk)
        else:
            policy.delete()
    return kept


def _restore_policy(now: datetime) -> None:
    """Adopt what was in force before, when the demo's policy had to stay."""
    newest = Policy.objects.newest()
    if newest not in demo_marks.demo_policies():
        return
    before = Policy.objects.exclude(pk__in=demo_marks.demo_policies()).newest()
    policy = Policy(**policies.policy_numbers(before))
    policies.adopt_policy(policy=policy, replaces=newest.pk, by=None, reason=_RESTORED, now=now)
