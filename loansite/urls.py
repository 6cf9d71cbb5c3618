"""Where the site's doors are."""

from django.contrib import admin
from django.urls import include, path

from predictions.api.article import PredictView
from predictions.web import errors, health

urlpatterns = [
    path("", include("predictions.web.urls")),
    path("predict", PredictView.as_view(), name="article_predict"),
    path("predict/", PredictView.as_view(schema=None)),
    path("api/", include("predictions.api.urls")),
    path("admin/", admin.site.urls),
    path("livez", health.live, name="livez"),
    path("readyz", health.ready, name="readyz"),
]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler500 = errors.server_error
