from django.contrib import admin
from django_tasks_db.models import DBTaskResult

from predictions.admin import accounts, cases, codes, models

__all__ = ["accounts", "cases", "codes", "models"]

# The worker's queue has no admin pages: batches and trainings have pages on the site.
admin.site.unregister(DBTaskResult)
