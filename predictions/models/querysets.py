"""Who may see rows that belong to a user."""

from typing import Any, Self

from django.contrib.auth.models import AnonymousUser, User
from django.db import models

Caller = User | AnonymousUser


class OwnedQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Caller) -> Self:
        """Rows of the user, or of everybody for those who may see all."""
        if user.has_perm("predictions.view_all_predictions"):
            return self
        return self.filter(owner_id=user.pk)
