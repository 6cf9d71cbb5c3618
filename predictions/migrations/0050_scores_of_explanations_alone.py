"""Predictions lose what their explanations have: a prediction then takes a tenth fewer bytes."""

from typing import Any

from django.db import migrations

from predictions.migrations._locks import check_constraints_now, lock_tables
from predictions.migrations._scores import drop_scores, fill_explanations, restore_scores


def fill_last(apps: Any, schema_editor: Any) -> None:
    lock_tables(schema_editor, "predictions_prediction", "predictions_explanation")
    fill_explanations(apps, schema_editor)
    check_constraints_now(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("predictions", "0049_fill_scores")]

    operations = [
        migrations.RunPython(fill_last, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop_scores, restore_scores)],
            state_operations=[
                migrations.RemoveField("prediction", name) for name in ("missing", "gaps", "log_odds")
            ],
        ),
    ]
