from django.contrib.auth.management import create_permissions
from django.db import migrations

SEE_RUNS = ["view_trainingrun", "view_trainingfile", "view_activation"]
MAY_SEE = {
    "model manager": SEE_RUNS,
    "auditor": [*SEE_RUNS, "view_auditrecord"],
    "admin": [*SEE_RUNS, "view_auditrecord"],
}


def grant(apps, schema_editor):
    app_config = apps.get_app_config("predictions")
    app_config.models_module = True
    create_permissions(app_config, apps=apps, verbosity=0)
    app_config.models_module = None
    Permission = apps.get_model("auth", "Permission")
    for name, codenames in MAY_SEE.items():
        for group in apps.get_model("auth", "Group").objects.filter(name=name):
            group.permissions.add(*Permission.objects.filter(codename__in=codenames))


class Migration(migrations.Migration):
    dependencies = [("predictions", "0007_replay_permission_and_timeline")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
