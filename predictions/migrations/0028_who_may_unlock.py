from django.contrib.auth.management import create_permissions
from django.db import migrations

MAY = {"content_type__app_label": "axes", "codename__in": ["view_accessattempt", "delete_accessattempt"]}


def grant(apps, schema_editor):
    app_config = apps.get_app_config("axes")
    app_config.models_module = True
    create_permissions(app_config, apps=apps, verbosity=0)
    app_config.models_module = None
    for group in apps.get_model("auth", "Group").objects.filter(name="admin"):
        group.permissions.add(*apps.get_model("auth", "Permission").objects.filter(**MAY))


def take_back(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name="admin"):
        group.permissions.remove(*apps.get_model("auth", "Permission").objects.filter(**MAY))


class Migration(migrations.Migration):
    dependencies = [
        ("predictions", "0027_artefact_files"),
        ("axes", "0010_accessattemptexpiration"),
    ]

    operations = [migrations.RunPython(grant, take_back)]
