from django.contrib.auth.management import create_permissions
from django.db import migrations

# What each role may do at this point of the history; `predictions.roles` is today's truth and a test compares.
SCORE, SEE_MODELS, ENTER_ADMIN, ACTIVATE = (
    "predictions.score_applicant",
    "predictions.view_modelversion",
    "predictions.enter_admin",
    "predictions.activate_modelversion",
)
SEE_HISTORY = [
    "predictions.view_all_predictions",
    "predictions.view_applicant",
    "predictions.view_prediction",
]
ACCOUNTS = [
    f"{app}.{action}_{model}"
    for app, model in (("auth", "user"), ("auth", "group"), ("knox", "authtoken"))
    for action in ("add", "change", "delete", "view")
]
ROLES = {
    "officer": [SCORE, SEE_MODELS],
    "reviewer": [SCORE, SEE_MODELS, ENTER_ADMIN, *SEE_HISTORY],
    "model manager": [SEE_MODELS, ENTER_ADMIN, ACTIVATE],
    "auditor": [SEE_MODELS, ENTER_ADMIN, *SEE_HISTORY],
    "admin": [SCORE, SEE_MODELS, ENTER_ADMIN, ACTIVATE, *SEE_HISTORY, *ACCOUNTS],
    "API client": [SCORE],
}


def create_roles(apps, schema_editor):
    _create_permissions(apps)
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for role, names in ROLES.items():
        group, _ = Group.objects.get_or_create(name=role)
        for name in names:
            app_label, codename = name.split(".")
            group.permissions.add(
                Permission.objects.get(content_type__app_label=app_label, codename=codename)
            )


def _create_permissions(apps):
    """Django makes permissions only after all migrations; the groups need theirs now."""
    for app_config in apps.get_app_configs():
        app_config.models_module = True
        create_permissions(app_config, apps=apps, verbosity=0)
        app_config.models_module = None


def remove_roles(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("predictions", "0001_applicants_predictions_and_model_versions"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("knox", "0009_extend_authtoken_field"),
    ]

    operations = [migrations.RunPython(create_roles, remove_roles)]
