from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from predictions.api.batches import BatchViewSet
from predictions.api.model_views import ModelViewSet
from predictions.api.public import FeaturesView
from predictions.api.views import ApplicantViewSet, PredictionViewSet

router = SimpleRouter()
router.register("predictions", PredictionViewSet, basename="api_prediction")
router.register("batches", BatchViewSet, basename="api_batch")
router.register("applicants", ApplicantViewSet, basename="api_applicant")
router.register("models", ModelViewSet, basename="api_model")

urlpatterns = [
    path("v1/", include(router.urls)),
    path("v1/features/", FeaturesView.as_view(), name="api_features"),
    path("schema/", SpectacularJSONAPIView.as_view(), name="api_schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api_schema"), name="api_docs"),
]
