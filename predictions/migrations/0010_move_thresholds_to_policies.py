from django.db import migrations
from django.utils import timezone

BEFORE = "What predictions were held to before policies were kept"
FIRST = (
    "Threshold 50%, no refer band; an application is referred when a missing value could change the outcome"
)


def begin(apps, schema_editor):
    """Every set of thresholds becomes a policy, oldest first; the last one refers gaps from now on."""
    Policy = apps.get_model("predictions", "Policy")
    rows = apps.get_model("predictions", "Prediction").objects.filter(policy=None).order_by("pk")
    newest = None
    while (row := rows.first()) is not None:
        held_to = {"threshold": row.threshold, "refer_low": row.refer_low, "refer_high": row.refer_high}
        newest = Policy.objects.create(
            **held_to, refer_gaps=False, previous=newest, reason=BEFORE, at=row.created_at
        )
        rows.filter(**held_to).update(policy=newest)
    Policy.objects.create(threshold=0.5, previous=newest, reason=FIRST, at=timezone.now())


def back(apps, schema_editor):
    rows = apps.get_model("predictions", "Prediction").objects
    policies = apps.get_model("predictions", "Policy").objects
    for policy in policies.all():
        held_to = {"threshold": policy.threshold, "refer_low": policy.refer_low}
        rows.filter(policy=policy).update(**held_to, refer_high=policy.refer_high, policy=None)
    for policy in policies.order_by("-pk"):
        policy.delete()


class Migration(migrations.Migration):
    dependencies = [("predictions", "0009_policies_decisions_and_claims")]

    operations = [migrations.RunPython(begin, back)]
