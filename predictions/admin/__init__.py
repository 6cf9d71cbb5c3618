from django.contrib import admin
from django_tasks_db.models import DBTaskResult

from predictions.admin import accounts
from predictions.admin import accounts as sign_ins
from predictions.admin import accounts as tokens
from predictions.admin import cases as batches
from predictions.admin import cases as decisions
from predictions.admin import cases as history
from predictions.admin import models as model_versions
from predictions.admin import models as policies
from predictions.admin import models as training

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
