from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from predictions.api.batches import BATCH_FILES, BatchViewSet
from predictions.api.cases.applications import ApplicationViewSet
from predictions.api.cases.decision_codes import DecisionCodesView
from predictions.api.cases.history import HistoryFileViewSet
from predictions.api.cases.predictions import ApplicantViewSet, PredictionViewSet
from predictions.api.cases.proposals import ProposalViewSet
from predictions.api.cases.queue import QueueViewSet
from predictions.api.models import ModelViewSet
from predictions.api.policies import PolicyViewSet
from predictions.api.products import ProductsView, ProductView, SchemasView, SchemaVersionView
from predictions.api.public import DocsView, FeaturesView, SchemaView
from predictions.reading.filters import KEY_PATTERN

router = SimpleRouter()
router.register("predictions", PredictionViewSet, basename="api_prediction")
router.register("applications", ApplicationViewSet, basename="api_application")
router.register("queue", QueueViewSet, basename="api_queue")
router.register("batches", BatchViewSet, basename="api_batch")
router.register("applicants", ApplicantViewSet, basename="api_applicant")
router.register("models", ModelViewSet, basename="api_model")
router.register("policies", PolicyViewSet, basename="api_policy")
router.register("proposals", ProposalViewSet, basename="api_proposal")

urlpatterns = [
    path("v1/", include(router.urls)),
    *(
        re_path(
            rf"^v1/batches/(?P<pk>{KEY_PATTERN})/{file}$",
            BatchViewSet.as_view({"get": name}),
            name=f"api_batch_{name}",
        )
        for name, file in BATCH_FILES.items()
    ),
    path("v1/history.csv", HistoryFileViewSet.as_view({"get": "file"}), name="api_history_file"),
    path("v1/decision-codes/", DecisionCodesView.as_view(), name="api_decision_codes"),
    path("v1/features/", FeaturesView.as_view(), name="api_features"),
    path("v1/products/", ProductsView.as_view(), name="api_products"),
    path("v1/products/<slug:name>/", ProductView.as_view(), name="api_product"),
    path("v1/schemas/", SchemasView.as_view(), name="api_schemas"),
    re_path(
        rf"^v1/schemas/(?P<number>{KEY_PATTERN})/$", SchemaVersionView.as_view(), name="api_schema_version"
    ),
    path("schema/", SchemaView.as_view(), name="api_schema"),
    path("docs/", DocsView.as_view(), name="api_docs"),
    # Below the address of a product, these two are its own.
    path("v1/schema/", SchemaView.as_view(), name="api_product_schema"),
    path("v1/docs/", DocsView.as_view(), name="api_product_docs"),
]
