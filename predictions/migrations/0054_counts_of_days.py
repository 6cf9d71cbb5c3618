"""Counts of whole days, which the desk adds up. The table is made empty; the worker fills it.

A server of the release before does not know it. Where it forgets all counts, it deletes the row that says until
when these are complete.
"""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from predictions.models.fields import WrittenJSONField

RESET = "UPDATE predictions_counteduntil SET days_until = NULL"
DELETED = "AFTER DELETE ON predictions_decision"
MAKE = {
    "sqlite": [f"CREATE TRIGGER decision_leaves {DELETED} BEGIN {RESET} WHERE days_until IS NOT NULL; END"],
    "postgresql": [
        "CREATE FUNCTION decision_leaves() RETURNS trigger LANGUAGE plpgsql AS "
        # Also where it is empty: the worker, which locks the row, must not count what is being deleted.
        f"$$ BEGIN {RESET}; RETURN NULL; END $$",
        f"CREATE TRIGGER decision_leaves {DELETED} FOR EACH STATEMENT EXECUTE FUNCTION decision_leaves()",
    ],
}
DROP = {
    "sqlite": ["DROP TRIGGER decision_leaves"],
    "postgresql": ["DROP TRIGGER decision_leaves ON predictions_decision", "DROP FUNCTION decision_leaves()"],
}


def make_trigger(apps: Any, schema_editor: Any) -> None:
    for statement in MAKE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop_trigger(apps: Any, schema_editor: Any) -> None:
    for statement in DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("predictions", "0053_counts_of_the_queue"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DayCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                (
                    "kind",
                    models.CharField(help_text="An outcome, or a kind of decisions.", max_length=16),
                ),
                ("numbers", WrittenJSONField(help_text="One for each quarter of an hour.")),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        help_text="Of the predictions; empty for those of all owners.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_default=1,
                        db_index=False,
                        default=1,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="predictions.product",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "daycount",
            models.UniqueConstraint(fields=("product", "owner", "day", "kind"), name="one_count_per_day"),
        ),
        migrations.AddConstraint(
            "daycount",
            models.UniqueConstraint(
                fields=("product", "day", "kind"),
                condition=models.Q(owner__isnull=True),
                name="one_count_of_all_owners_per_day",
            ),
        ),
        migrations.AddField(
            "counteduntil",
            "days_until",
            models.DateTimeField(
                help_text="Until when `DayCount` has all; empty if it is made anew.", null=True
            ),
        ),
        migrations.RunPython(make_trigger, drop_trigger),
    ]
