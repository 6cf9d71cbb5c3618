"""Remarks refer from now on: a policy says so, which earlier predictions are not held to."""

from typing import Any

from django.db import migrations, models
from django.utils import timezone

REASON = "A remark about one of its values refers an application to a person, whatever its probability"
NUMBERS = ("threshold", "refer_low", "refer_high", "refer_gaps")


def heed_remarks(apps: Any, schema_editor: Any) -> None:
    """Put a policy in force with the numbers of the newest one; a fresh site's first one is changed in place."""
    Policy = apps.get_model("predictions", "Policy")
    Policy.objects.filter(reason=REASON).update(remarks="refer")  # where the migration ran before
    newest = Policy.objects.order_by("-pk").first()
    if newest is None or newest.remarks == "refer":
        return
    if newest.previous_id is None and not _is_used(apps, newest):
        Policy.objects.filter(pk=newest.pk).update(remarks="refer")
        return
    numbers = {name: getattr(newest, name) for name in NUMBERS} | {"remarks": "refer"}
    policy = Policy.objects.create(**numbers, previous=newest, reason=REASON, at=timezone.now())
    detail = {"policy": policy.pk, "reason": REASON} | numbers
    AuditRecord = apps.get_model("predictions", "AuditRecord")
    AuditRecord.objects.create(at=policy.at, action="policy", detail=detail)
    _check_now(schema_editor)


def take_back(apps: Any, schema_editor: Any) -> None:
    """Take the policy away again, unless something was scored under it or another one followed."""
    Policy = apps.get_model("predictions", "Policy")
    newest = Policy.objects.order_by("-pk").first()
    if newest is not None and newest.reason == REASON and not _is_used(apps, newest):
        newest.delete()
    _check_now(schema_editor)


def _is_used(apps: Any, policy: Any) -> bool:
    models_ = (apps.get_model("predictions", name) for name in ("Prediction", "Batch"))
    return any(model.objects.filter(policy_id=policy.pk).exists() for model in models_)


def _check_now(schema_editor: Any) -> None:
    """PostgreSQL alters no table of which constraints are still to be checked."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = [("predictions", "0022_applicants_as_a_view")]

    operations = [
        migrations.AddField(
            model_name="policy",
            name="remarks",
            field=models.CharField(
                choices=[("refer", "Refer the application to a person"), ("ignore", "Refer nothing")],
                db_default="ignore",
                default="refer",
                help_text="Whether a remark about one of its values refers an application.",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="batchchunk",
            name="remarked",
            field=models.PositiveIntegerField(
                db_default=0, default=0, help_text="Scored rows with a remark."
            ),
        ),
        migrations.RunPython(heed_remarks, take_back),
    ]
