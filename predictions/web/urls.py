from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from predictions.web import export, model_room, replay, timeline, training_views, views
from predictions.web.card import card, card_file
from predictions.web.desk import desk
from predictions.web.scorecard import scorecard
from predictions.web.version_pages import evaluation

urlpatterns = [
    path("", desk, name="desk"),
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
    path("models/<int:pk>/export/", export.download, name="model_export"),
    path("models/<int:pk>/replay/", replay.page, name="model_replay"),
    path("models/<int:pk>/replay.csv", replay.download, name="model_replay_csv"),
    path("models/<int:pk>/scorecard/", scorecard, name="model_scorecard"),
    path("models/<int:pk>/evaluation/", evaluation, name="model_evaluation"),
    path("models/<int:pk>/card/", card, name="model_card"),
    path("models/<int:pk>/card.md", card_file, name="model_card_file"),
]
