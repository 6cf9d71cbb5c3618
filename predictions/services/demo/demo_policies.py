"""The policies from before a demo: they end before its year begins, as long as it is there."""

from datetime import datetime, timedelta

from django.db import transaction

from predictions.models import AuditRecord, Policy
from predictions.services.writing import audit

_ACTION = "demo policies"


@transaction.atomic
def date_back(*, before: datetime, now: datetime) -> None:
    """Move the policies on record back by one span, so that the last one begins before `before`.

    The demo's own ones begin a year ago. What is on record is in the audit log, for `restore`.
    """
    policies = list(Policy.objects.order_by("pk"))
    span = max(policy.at for policy in policies) - before + timedelta(seconds=1)
    if span <= timedelta(0):
        return
    times = {policy.pk: policy.at.isoformat() for policy in policies}
    audit.record(by=None, action=_ACTION, detail={"moved": times}, now=now)
    for policy in policies:
        Policy.objects.filter(pk=policy.pk).update(at=policy.at - span)


def restore() -> None:
    """Give the policies their own times again. Those never change, so that doing it twice does no harm."""
    moved = AuditRecord.objects.filter(action=_ACTION).first()
    for pk, at in moved.detail["moved"].items() if moved else ():
        Policy.objects.filter(pk=pk).update(at=datetime.fromisoformat(at))
