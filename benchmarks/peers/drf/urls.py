from django.urls import path

from benchmarks.peers.drf.views import PredictView

urlpatterns = [path("predict", PredictView.as_view())]
