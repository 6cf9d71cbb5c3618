from django.contrib import admin
from django_tasks_db.models import DBTaskResult

from predictions.admin import accounts, batches, decisions, policies, sign_ins, tokens, training
from predictions.admin import cases as history
from predictions.admin import models as model_versions

__all__ = [
    "accounts",
    "batches",
    "decisions",
    "history",
    "model_versions",
    "policies",
    "sign_ins",
    "tokens",
    "training",
]

# The worker's own queue; what it works on has pages of its own.
admin.site.unregister(DBTaskResult)
