"""Model versions, policies, trainings, the timeline and the audit log.

A version can be activated here. Trainings and policies have pages of their own.
"""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html

from ml.errors import ArtefactError, InvalidValue
from ml.figures import exact_percent_text
from ml.reports import report
from predictions.admin.base import ReadOnlyAdmin
from predictions.errors import Conflict, GateRefused
from predictions.live.schemas import schema_of_version
from predictions.models import (
    Activation,
    AuditRecord,
    ModelVersion,
    Policy,
    Proposal,
    TrainingFile,
    TrainingRun,
)
from predictions.roles import ACTIVATE, ADOPT
from predictions.services.policies.idle_checks import idle_checks
from predictions.services.versions.proposals import activate_or_propose
from predictions.words import policies
from predictions.words.written import REASON_LENGTH


class ReasonForm(ActionForm):
    reason = forms.CharField(max_length=REASON_LENGTH, required=False, label="Reason")
    override = forms.BooleanField(required=False, label="activate although the gate refuses it")
    confirm_means = forms.BooleanField(required=False, label="confirm what a good outcome means")


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin):
    list_display = [
        "id", "product", "name", "status", "trained_on", "protected",
        "accuracy", "roc_auc", "log_loss", "activated_at",
    ]  # fmt: skip
    list_filter = ["product", "status", "recipe", "synthetic"]
    list_select_related = ["product"]
    exclude = ["report", "columns", "protected_columns"]
    readonly_fields = ["used_columns", "protected", "metrics"]
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
        try:
            done = activate_or_propose(
                version_id=queryset.get().pk,
                by=request.user,
                reason=reason,
                override="override" in request.POST,
                confirm_means="confirm_means" in request.POST,
            )
        except (ArtefactError, Conflict, InvalidValue, GateRefused) as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        said = (
            "Proposed: a second person must confirm it."
            if isinstance(done, Proposal)
            else f"{done} is active."
        )
        self.message_user(request, said, messages.SUCCESS)
        if not isinstance(done, Proposal):
            for check in idle_checks(product_id=done.product_key, schema=schema_of_version(done.pk)):
                self.message_user(request, check.detail, messages.WARNING)

    @admin.display(description="recipe", ordering="recipe")
    def name(self, version: ModelVersion) -> str:
        return version.recipe

    @admin.display(description="columns used")
    def used_columns(self, version: ModelVersion) -> str:
        return ", ".join(version.columns)

    @admin.display(description="protected columns")
    def protected(self, version: ModelVersion) -> str:
        return ", ".join(version.protected_columns) or "none"

    @admin.display(description="trained on")
    def trained_on(self, version: ModelVersion) -> str:
        return "synthetic sample data" if version.synthetic else version.data_name

    @admin.display(description="accuracy (one-rule baseline)")
    def accuracy(self, version: ModelVersion) -> str:
        return _metric_with_baseline(version, "accuracy")

    @admin.display(description="ROC-AUC (one-rule baseline)")
    def roc_auc(self, version: ModelVersion) -> str:
        return _metric_with_baseline(version, "roc_auc")

    @admin.display(description="log loss (one-rule baseline)")
    def log_loss(self, version: ModelVersion) -> str:
        return _metric_with_baseline(version, "log_loss")

    @admin.display(description="metrics")
    def metrics(self, version: ModelVersion) -> str:
        return format_html("<pre>{}</pre>", "\n".join(report.report_lines(version.report)))


def _metric_with_baseline(version: ModelVersion, metric: str) -> str:
    """Return a metric with its interval and, in brackets, the baseline's: it is never shown alone."""
    models = version.report["cross_validation"]["models"]
    model, one_rule = models[version.recipe][metric], models["one_rule"][metric]
    return f"{model['mean']:.3f} [{model['low']:.3f} {model['high']:.3f}] ({one_rule['mean']:.3f})"


@admin.register(Policy)
class PolicyAdmin(ReadOnlyAdmin):
    list_display = [
        "id",
        "product",
        "threshold_percent",
        "refer_band",
        "refer_gaps",
        "remarks",
        "by",
        "at",
        "reason",
    ]
    list_select_related = ["product", "by"]
    list_filter = ["product"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(ADOPT))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Redirect to the page of policies, which shows the policy in force."""
        return redirect("policies")

    @admin.display(description="threshold", ordering="threshold")
    def threshold_percent(self, policy: Policy) -> str:
        return f"{exact_percent_text(policy.threshold)}%"

    @admin.display(description="refer band", ordering="refer_low")
    def refer_band(self, policy: Policy) -> str:
        return policies.band_words(policy)


@admin.register(TrainingRun)
class TrainingRunAdmin(ReadOnlyAdmin):
    list_display = [
        "id", "product", "recipe", "file", "status", "created_by", "created_at", "finished_at", "version",
    ]  # fmt: skip
    list_select_related = ["product", "file", "created_by", "version"]
    list_filter = ["product", "status", "recipe"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(ACTIVATE))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Redirect to the page of trainings, where a training is requested and its progress is shown."""
        return redirect("trainings")


@admin.register(TrainingFile)
class TrainingFileAdmin(ReadOnlyAdmin):
    list_display = ["id", "product", "name", "rows", "synthetic", "uploaded_by", "uploaded_at"]
    list_select_related = ["product", "uploaded_by"]
    list_filter = ["product"]


@admin.register(Activation)
class ActivationAdmin(ReadOnlyAdmin):
    list_display = ["at", "product", "version", "previous", "by", "reason", "overridden", "means_confirmed"]
    list_select_related = ["version__product", "previous", "by"]
    list_filter = ["version__product", "overridden", "means_confirmed"]

    @admin.display(description="product")
    def product(self, activation: Activation) -> str:
        return str(activation.version.product)


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnlyAdmin):
    list_display = ["at", "action", "by", "detail"]
    list_select_related = ["by"]
    list_filter = ["action", "at"]
    show_full_result_count = False
