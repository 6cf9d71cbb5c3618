"""SQLite's index on Loan_IDs becomes a table in runs (`predictions/models/loan_id_entry.py`).

PostgreSQL keeps its index and has a view in the place of the table. The table is filled sorted, in the
transaction that ends the old index. A server of the release before goes on storing beside it: triggers write
the entries.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from predictions.migrations._applicant_view import create_view, create_view_by_entry, drop_view

OWN = "loan_id, owner_id, id"
TABLE = """CREATE TABLE predictions_loanidentry (
    run smallint NOT NULL,
    loan_id varchar(64) NOT NULL,
    owner_id integer NOT NULL,
    prediction_id bigint NOT NULL,
    product_id bigint NULL,
    PRIMARY KEY (run, loan_id, owner_id, prediction_id)
) WITHOUT ROWID"""
FILL = """INSERT INTO predictions_loanidentry (run, loan_id, owner_id, prediction_id, product_id)
SELECT 0, loan_id, owner_id, id, product_id FROM predictions_prediction ORDER BY loan_id, owner_id, id"""
# 65,536 predictions go to run 1, the next ones to run 2, and so on by turns.
INSERT = """INSERT INTO predictions_loanidentry (run, loan_id, owner_id, prediction_id, product_id)
VALUES (1 + (new.id >> 16) % 2, new.loan_id, new.owner_id, new.id, new.product_id);"""
DELETE = """DELETE FROM predictions_loanidentry
WHERE run IN (0, 1, 2) AND loan_id = old.loan_id AND owner_id = old.owner_id AND prediction_id = old.id;"""
TRIGGERS = {
    "prediction_enters": f"AFTER INSERT ON predictions_prediction BEGIN {INSERT} END",
    "prediction_leaves": f"AFTER DELETE ON predictions_prediction BEGIN {DELETE} END",
    "prediction_moves": "AFTER UPDATE OF loan_id, owner_id, product_id ON predictions_prediction "
    f"BEGIN {DELETE} {INSERT} END",
}
VIEW = """CREATE VIEW predictions_loanidentry AS
SELECT 0 AS run, loan_id, owner_id, id AS prediction_id, product_id FROM predictions_prediction"""
INDEX = "CREATE INDEX prediction_loan_id ON predictions_prediction (loan_id, owner_id)"


def make_entries(apps: Any, schema_editor: Any) -> None:
    triggers = [f"CREATE TRIGGER {name} {text}" for name, text in TRIGGERS.items()]
    by_vendor = {"sqlite": [TABLE, FILL, *triggers, "DROP INDEX prediction_loan_id"], "postgresql": [VIEW]}
    _execute(schema_editor, by_vendor)


def drop_entries(apps: Any, schema_editor: Any) -> None:
    triggers = [f"DROP TRIGGER {name}" for name in TRIGGERS]
    by_vendor = {
        "sqlite": [*triggers, "DROP TABLE predictions_loanidentry", INDEX],
        "postgresql": ["DROP VIEW predictions_loanidentry"],
    }
    _execute(schema_editor, by_vendor)


def _execute(schema_editor: Any, by_vendor: dict[str, list[str]]) -> None:
    for statement in by_vendor[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("predictions", "0044_batches_that_answer")]

    operations = [
        migrations.RunPython(drop_view, create_view),
        migrations.CreateModel(
            name="LoanIdEntry",
            fields=[
                (
                    "prediction",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="entry",
                        serialize=False,
                        to="predictions.prediction",
                    ),
                )
            ],
            options={"managed": False},
        ),
        # Django would make the index of SQLite again with the next change of the table.
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveIndex("prediction", "prediction_loan_id")]
        ),
        migrations.RunPython(make_entries, drop_entries),
        migrations.RunPython(create_view_by_entry, drop_view),
    ]
