"""Remarks refer from now on: a policy says so, which earlier predictions are not held to."""

from typing import Any

from django.db import migrations, models
from django.utils import timezone

REASON = "A remark about one of its values refers an application to a person, whatever its probability"
BACK = "The version before knows no remarks that refer"
TAKEN_BACK = "policies without remarks"
NUMBERS = ("threshold", "refer_low", "refer_high", "refer_gaps")


def heed_remarks(apps: Any, schema_editor: Any) -> None:
    """Put a policy in force with the numbers of the newest one; a fresh site's first one is changed in place."""
    Policy, AuditRecord = (apps.get_model("predictions", name) for name in ("Policy", "AuditRecord"))
    # Where the migration was taken back, it left word of the policies that said so.
    known = AuditRecord.objects.filter(action=TAKEN_BACK).order_by("-pk").first()
    Policy.objects.filter(pk__in=known.detail["refer"] if known else []).update(remarks="refer")
    newest = Policy.objects.order_by("-pk").first()
    if newest is None or newest.remarks == "refer":
        return
    if newest.previous_id is None and not _is_used(apps, newest):
        Policy.objects.filter(pk=newest.pk).update(remarks="refer")
    else:
        _follow(apps, newest, REASON, remarks="refer")
    _check_now(schema_editor)


def take_back(apps: Any, schema_editor: Any) -> None:
    """Put a policy in force that the version before can keep, unless nothing was scored under the one added."""
    Policy, AuditRecord = (apps.get_model("predictions", name) for name in ("Policy", "AuditRecord"))
    referring = list(Policy.objects.filter(remarks="refer").values_list("pk", flat=True))
    AuditRecord.objects.create(at=timezone.now(), action=TAKEN_BACK, detail={"refer": referring})
    newest = Policy.objects.order_by("-pk").first()
    if newest is None or newest.remarks != "refer":
        return
    if newest.reason == REASON and not _is_used(apps, newest):
        Policy.objects.filter(pk=newest.pk)._raw_delete(schema_editor.connection.alias)
    else:
        _follow(apps, newest, BACK, remarks="ignore")
    _check_now(schema_editor)


def _follow(apps: Any, newest: Any, reason: str, remarks: str) -> None:
    Policy, AuditRecord = (apps.get_model("predictions", name) for name in ("Policy", "AuditRecord"))
    numbers = {name: getattr(newest, name) for name in NUMBERS} | {"remarks": remarks}
    policy = Policy.objects.create(**numbers, previous_id=newest.pk, reason=reason, at=timezone.now())
    detail = {"policy": policy.pk, "reason": reason} | numbers
    AuditRecord.objects.create(at=policy.at, action="policy", detail=detail)


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
