from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from predictions.web import model_room, timeline, training_views, views

urlpatterns = [
    path("", views.desk, name="desk"),
    path("login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("score/", views.score, name="score"),
    path("predictions/<int:pk>/", views.prediction_detail, name="prediction_detail"),
    path("history/", views.history, name="history"),
    path("models/", model_room.models, name="models"),
    path("models/<int:pk>/", model_room.model, name="model"),
    path("models/<int:pk>/activate/", model_room.activate, name="model_activate"),
    path("models/<int:pk>/compare/", model_room.compare, name="model_compare"),
    path("models/timeline/", timeline.timeline, name="model_timeline"),
    path("models/training/", training_views.trainings, name="trainings"),
    path("models/training/<int:pk>/", training_views.training, name="training"),
    path("models/training/<int:pk>/cancel/", training_views.cancel, name="training_cancel"),
]
