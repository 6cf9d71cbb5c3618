from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from predictions.api.batches import BatchViewSet
from predictions.api.models import ModelViewSet
from predictions.api.predictions import ApplicantViewSet, PredictionViewSet
from predictions.api.public import FeaturesView, SchemaView
from predictions.reading.filters import KEY_PATTERN

router = SimpleRouter()
router.register("predictions", PredictionViewSet, basename="api_prediction")
router.register("batches", BatchViewSet, basename="api_batch")
router.register("applicants", ApplicantViewSet, basename="api_applicant")
router.register("models", ModelViewSet, basename="api_model")

urlpatterns = [
    path("v1/", include(router.urls)),
    *(
        re_path(
            rf"^v1/batches/(?P<pk>{KEY_PATTERN})/{name}\.csv$",
            BatchViewSet.as_view({"get": name}),
            name=f"api_batch_{name}",
        )
        for name in ("results", "errors")
    ),
    path("v1/features/", FeaturesView.as_view(), name="api_features"),
    path("schema/", SchemaView.as_view(), name="api_schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api_schema"), name="api_docs"),
]
