from django.contrib.auth.management import create_permissions
from django.db import migrations


def grant(apps, schema_editor):
    app_config = apps.get_app_config("predictions")
    app_config.models_module = True
    create_permissions(app_config, apps=apps, verbosity=0)
    app_config.models_module = None
    of_ours = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="predictions")
    for group in apps.get_model("auth", "Group").objects.filter(name__in=["reviewer", "auditor", "admin"]):
        group.permissions.add(*of_ours.filter(codename="view_batch"))


class Migration(migrations.Migration):
    dependencies = [("predictions", "0017_batches")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
