from django.contrib.auth.management import create_permissions
from django.db import migrations

MAY_REPLAY = ["model manager", "auditor", "admin"]


def begin_timeline(apps, schema_editor):
    """What was activated before there was a timeline is its beginning."""
    Activation = apps.get_model("predictions", "Activation")
    versions = apps.get_model("predictions", "ModelVersion").objects.exclude(activated_at=None)
    for version in versions.order_by("activated_at"):
        Activation.objects.create(
            version=version, at=version.activated_at, by=version.activated_by, reason=version.reason
        )


def grant(apps, schema_editor):
    app_config = apps.get_app_config("predictions")
    app_config.models_module = True
    create_permissions(app_config, apps=apps, verbosity=0)
    app_config.models_module = None
    permission = apps.get_model("auth", "Permission").objects.get(codename="replay_modelversion")
    for group in apps.get_model("auth", "Group").objects.filter(name__in=MAY_REPLAY):
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("predictions", "0006_training_runs_and_activations")]

    operations = [
        migrations.RunPython(begin_timeline, migrations.RunPython.noop),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
