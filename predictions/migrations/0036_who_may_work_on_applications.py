from typing import Any

from django.contrib.auth.management import create_permissions
from django.db import migrations

SEE = ("view_applicationevent", "view_hold", "view_proposal", "view_decisioncode")
MAY = {
    "reviewer": ("assign_cases", "confirm_decision", *SEE),
    "model manager": ("view_proposal",),
    "auditor": SEE,
    "admin": ("assign_cases", "confirm_decision", *SEE, "add_decisioncode", "change_decisioncode"),
}


def _permissions(apps: Any, codenames: tuple[str, ...]) -> Any:
    return apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="predictions", codename__in=codenames
    )


def grant(apps: Any, schema_editor: Any) -> None:
    app_config = apps.get_app_config("predictions")
    app_config.models_module = True
    create_permissions(app_config, apps=apps, verbosity=0)
    app_config.models_module = None
    for name, codenames in MAY.items():
        for group in apps.get_model("auth", "Group").objects.filter(name=name):
            group.permissions.add(*_permissions(apps, codenames))


def take_back(apps: Any, schema_editor: Any) -> None:
    for name, codenames in MAY.items():
        for group in apps.get_model("auth", "Group").objects.filter(name=name):
            group.permissions.remove(*_permissions(apps, codenames))


class Migration(migrations.Migration):
    dependencies = [("predictions", "0035_applications")]

    operations = [migrations.RunPython(grant, take_back)]
