from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PredictionsConfig(AppConfig):
    name = "predictions"

    def ready(self) -> None:
        from predictions import checks  # noqa: F401 - registers the system checks


class LoansiteAdminConfig(AdminConfig):
    default_site = "predictions.admin_site.LoansiteAdminSite"
