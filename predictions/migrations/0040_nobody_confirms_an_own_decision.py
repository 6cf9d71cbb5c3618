"""Whoever decided does not confirm it. Servers of the release before write no second person."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("predictions", "0039_queue_of_batches")]

    operations = [
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=Q(("confirmed_by", None), ~Q(("confirmed_by", F("by"))), _connector="OR"),
                name="nobody_confirms_an_own_decision",
            ),
        ),
    ]
