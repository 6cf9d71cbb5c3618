from django.contrib.auth.management import create_permissions
from django.db import migrations

SEE = ["view_decision", "view_claim", "view_notice", "view_policy"]
MAY = {
    "officer": ["decide"],
    "reviewer": ["decide", "export_history", *SEE],
    "model manager": ["adopt_policy", "view_policy"],
    "auditor": ["export_history", *SEE],
    "admin": ["decide", "export_history", "adopt_policy", *SEE],
}


def grant(apps, schema_editor):
    app_config = apps.get_app_config("predictions")
    app_config.models_module = True
    create_permissions(app_config, apps=apps, verbosity=0)
    app_config.models_module = None
    Permission = apps.get_model("auth", "Permission")
    for name, codenames in MAY.items():
        for group in apps.get_model("auth", "Group").objects.filter(name=name):
            of_ours = Permission.objects.filter(content_type__app_label="predictions")
            group.permissions.add(*of_ours.filter(codename__in=codenames))


class Migration(migrations.Migration):
    dependencies = [("predictions", "0011_one_policy_per_prediction")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
