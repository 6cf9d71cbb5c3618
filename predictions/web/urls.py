"""The addresses of all pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from predictions.web import proposals, scoring
from predictions.web.account import SignIn, preferences
from predictions.web.batches import drafts as batch_drafts
from predictions.web.batches import pages as batches
from predictions.web.cases import letters, work
from predictions.web.cases import pages as cases
from predictions.web.cases import proposals as decision_proposals
from predictions.web.history import pages as history
from predictions.web.history.desk import desk
from predictions.web.models import pages as models
from predictions.web.models import replay, timeline, training, training_tables
from predictions.web.models.card import model_card_file, model_card_page
from predictions.web.models.scorecard import model_scorecard
from predictions.web.policies import checking, simulator
from predictions.web.policies import pages as policies
from predictions.web.posting import post_only
from predictions.web.products import drafting, schemas
from predictions.web.products import pages as products
from predictions.web.queue import acts as queue_acts
from predictions.web.queue import pages as queue
from predictions.web.queue import same_ids
from predictions.web.typed.checks import score_check
from predictions.web.typed.pasted import score_paste

urlpatterns = [
    path("", desk, name="desk"),
    path("login/", SignIn.as_view(), name="login"),
    path("logout/", post_only("desk")(LogoutView.as_view()), name="logout"),
    path("preferences/", preferences, name="preferences"),
    path("score/", scoring.score_form, name="score"),
    path("score/check/", score_check, name="score_check"),
    path("score/paste/", score_paste, name="score_paste"),
    path("applications/<int:pk>/", cases.application_detail, name="application_detail"),
    path("predictions/<int:pk>/", cases.prediction_detail, name="prediction_detail"),
    path("predictions/<int:pk>/what-if/", cases.what_if, name="what_if"),
    path("predictions/<int:pk>/decide/", cases.decide, name="decide"),
    path("predictions/<int:pk>/claim/", queue_acts.claim, name="claim"),
    path("predictions/<int:pk>/release/", queue_acts.release, name="release"),
    path("predictions/<int:pk>/values/", work.values, name="change_values"),
    path("predictions/<int:pk>/hold/", work.hold, name="hold"),
    path("predictions/<int:pk>/hold/end/", work.end_hold, name="end_hold"),
    path("predictions/<int:pk>/note/", work.note, name="note"),
    path("predictions/<int:pk>/withdraw/", work.withdraw, name="withdraw"),
    path("predictions/<int:pk>/assign/", work.assign, name="assign"),
    path("predictions/<int:pk>/notice/", letters.notice, name="notice"),
    path("predictions/<int:pk>/notice/confirm/", letters.notice_confirm, name="notice_confirm"),
    path("predictions/<int:pk>/notice/print/", letters.notice_print, name="notice_print"),
    path("predictions/<int:pk>/explanation/", cases.explanation, name="explanation"),
    path("batches/", batches.batch_list, name="batches"),
    path("batches/preview/", batch_drafts.draft_create, name="batch_draft_create"),
    path("batches/preview/<int:pk>/", batch_drafts.draft, name="batch_draft"),
    path("batches/example.csv", batches.example_file, name="batch_example"),
    path("batches/<int:pk>/", batches.batch, name="batch"),
    path("batches/<int:pk>/cancel/", batches.batch_cancel, name="batch_cancel"),
    path("batches/<int:pk>/results.csv", batches.batch_results, name="batch_results"),
    path("batches/<int:pk>/results.xlsx", batches.batch_workbook, name="batch_workbook"),
    path("batches/<int:pk>/errors.csv", batches.batch_errors, name="batch_errors"),
    path("batches/<int:pk>/refused.csv", batches.batch_refused, name="batch_refused"),
    path("queue/", queue.queue, name="queue"),
    path("queue/next/", queue_acts.work_through, name="work_through"),
    path("queue/bulk/", queue_acts.bulk, name="bulk"),
    path("queue/same-ids/", same_ids.same_ids, name="same_ids"),
    path("history/", history.history, name="history"),
    path("history.csv", history.history_csv, name="history_csv"),
    path("models/", models.model_list, name="models"),
    path("models/<int:pk>/", models.model_detail, name="model"),
    path("models/<int:pk>/activate/", models.model_activate, name="model_activate"),
    path("models/<int:pk>/compare/", models.model_compare, name="model_compare"),
    path("models/timeline/", timeline.model_timeline, name="model_timeline"),
    path("models/training/", training.trainings, name="trainings"),
    path("models/training/preview/<int:pk>/", training_tables.training_draft, name="training_draft"),
    path("models/training/<int:pk>/", training.training, name="training"),
    path("models/training/<int:pk>/cancel/", training.training_cancel, name="training_cancel"),
    path("models/<int:pk>/export/", models.model_export, name="model_export"),
    path("models/<int:pk>/replay/", replay.model_replay, name="model_replay"),
    path("models/<int:pk>/replay.csv", replay.model_replay_csv, name="model_replay_csv"),
    path("models/<int:pk>/scorecard/", model_scorecard, name="model_scorecard"),
    path("models/<int:pk>/evaluation/", models.model_evaluation, name="model_evaluation"),
    path("models/<int:pk>/card/", model_card_page, name="model_card"),
    path("models/<int:pk>/card.md", model_card_file, name="model_card_file"),
    path("policies/", policies.policy_list, name="policies"),
    path("policies/change/", policies.policy_change, name="policy_change"),
    path("policies/check/", checking.policy_check, name="policy_check"),
    path("policies/simulator/", simulator.policy_simulator, name="policy_simulator"),
    path("policies/simulator.csv", simulator.policy_simulator_csv, name="policy_simulator_csv"),
    path("proposals/", decision_proposals.proposal_list, name="proposals_to_confirm"),
    path("proposals/<int:pk>/decision/", decision_proposals.answer_proposal, name="answer_proposal"),
    path("proposals/<int:pk>/", proposals.proposal_answer, name="proposal_answer"),
    path("schema/", schemas.schema_list, name="schema"),
    path("schema/<int:number>.toml", schemas.schema_file, name="schema_file"),
    path("schema/edit/", schemas.schema_edit, name="schema_edit"),
    # Of the whole site: `new` is no product's name (see `predictions.models.product.RESERVED_NAMES`).
    path("products/", products.product_list, name="products"),
    path("products/new/", products.product_new, name="product_new"),
    path("products/new/<int:pk>/", drafting.draft_columns, name="draft"),
    path("products/new/<int:pk>/outcome/", drafting.draft_outcome, name="draft_outcome"),
    path("products/new/<int:pk>/form/", drafting.draft_preview, name="draft_preview"),
    path("products/new/<int:pk>/discard/", drafting.draft_discard, name="draft_discard"),
]
