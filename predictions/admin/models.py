"""Model versions: what each is, how good it is, and making one the active one."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from ml.errors import ArtefactError, InvalidValue
from ml.reports import report
from predictions.admin.base import ReadOnlyAdmin
from predictions.errors import Conflict, Refused
from predictions.models import ModelVersion
from predictions.services.versions import registry
from predictions.words.written import REASON_LENGTH


class ReasonForm(ActionForm):
    reason = forms.CharField(max_length=REASON_LENGTH, required=False, label="Reason")
    override = forms.BooleanField(required=False, label="even if the gate refuses it")


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin):
    list_display = [
        "id", "name", "status", "trained_on", "protected_inputs",
        "accuracy", "roc_auc", "log_loss", "activated_at",
    ]  # fmt: skip
    list_filter = ["status", "recipe", "synthetic"]
    exclude = ["report", "columns", "protected_columns"]
    readonly_fields = ["reads", "protected_inputs", "figures"]
    actions = ["activate"]
    action_form = ReasonForm

    def has_activate_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("predictions.activate_modelversion"))

    @admin.action(description="Activate the selected version", permissions=["activate"])
    def activate(self, request: HttpRequest, queryset: QuerySet[ModelVersion]) -> None:
        reason = request.POST.get("reason", "").strip()
        if queryset.count() != 1 or not reason:
            self.message_user(request, "Select one version and give a reason.", messages.ERROR)
            return
        wish: dict[str, Any] = {"reason": reason, "override": "override" in request.POST}
        try:
            version = registry.activate(version_id=queryset.get().pk, by=request.user, **wish)
        except (ArtefactError, Conflict, InvalidValue, Refused) as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        self.message_user(request, f"{version} is active.", messages.SUCCESS)

    @admin.display(description="recipe", ordering="recipe")
    def name(self, version: ModelVersion) -> str:
        return version.recipe

    @admin.display(description="columns it reads")
    def reads(self, version: ModelVersion) -> str:
        return ", ".join(version.columns)

    @admin.display(description="protected inputs")
    def protected_inputs(self, version: ModelVersion) -> str:
        return ", ".join(version.protected_columns) or "none"

    @admin.display(description="trained on")
    def trained_on(self, version: ModelVersion) -> str:
        return "synthetic sample data" if version.synthetic else version.data_name

    @admin.display(description="accuracy (one rule)")
    def accuracy(self, version: ModelVersion) -> str:
        return _beside_rule(version, "accuracy")

    @admin.display(description="ROC-AUC (one rule)")
    def roc_auc(self, version: ModelVersion) -> str:
        return _beside_rule(version, "roc_auc")

    @admin.display(description="log loss (one rule)")
    def log_loss(self, version: ModelVersion) -> str:
        return _beside_rule(version, "log_loss")

    @admin.display(description="figures")
    def figures(self, version: ModelVersion) -> str:
        return format_html("<pre>{}</pre>", "\n".join(report.lines(version.report)))


def _beside_rule(version: ModelVersion, metric: str) -> str:
    """A figure never stands without its interval and the baseline's."""
    models: dict[str, Any] = version.report["cross_validation"]["models"]
    own, rule = models[version.recipe][metric], models["one_rule"][metric]
    return f"{own['mean']:.3f} [{own['low']:.3f} {own['high']:.3f}] ({rule['mean']:.3f})"
