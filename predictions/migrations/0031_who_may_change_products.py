from django.contrib.auth.management import create_permissions
from django.db import migrations

MODELS = ("product", "schemaversion")
MAY = {"model manager": ("add", "change", "view"), "auditor": ("view",), "admin": ("add", "change", "view")}


def permissions_of(apps, actions):
    codenames = [f"{action}_{model}" for action in actions for model in MODELS]
    return apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="predictions", codename__in=codenames
    )


def grant(apps, schema_editor):
    app_config = apps.get_app_config("predictions")
    app_config.models_module = True
    create_permissions(app_config, apps=apps, verbosity=0)
    app_config.models_module = None
    for name, actions in MAY.items():
        for group in apps.get_model("auth", "Group").objects.filter(name=name):
            group.permissions.add(*permissions_of(apps, actions))


def take_back(apps, schema_editor):
    for name, actions in MAY.items():
        for group in apps.get_model("auth", "Group").objects.filter(name=name):
            group.permissions.remove(*permissions_of(apps, actions))


class Migration(migrations.Migration):
    dependencies = [("predictions", "0030_products")]

    operations = [migrations.RunPython(grant, take_back)]
