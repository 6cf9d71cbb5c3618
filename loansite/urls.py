"""The addresses of the API, the admin, the probes and the pages."""

from django.contrib import admin
from django.urls import include, path

from predictions.api.article import PredictView
from predictions.web import errors, health

urlpatterns = [
    # The busiest first: addresses are compared one after the other.
    path("api/", include("predictions.api.urls")),
    path("predict", PredictView.as_view(), name="article_predict"),
    path("predict/", PredictView.as_view(schema=None)),
    path("admin/", admin.site.urls),
    path("livez", health.live, name="livez"),
    path("readyz", health.ready, name="readyz"),
    path("", include("predictions.web.urls")),
]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler500 = errors.server_error
