"""Applicants are read out of predictions, their only source; an array writes half as much."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import predictions.models.fields
from predictions.migrations._loan_ids import fill_last_loan_ids

# Where each value stands in a prediction's inputs.
TEXTS = {"gender": 0, "married": 1, "dependents": 2, "education": 3, "self_employed": 4, "property_area": 10}
NUMBERS = {
    "applicant_income": 5,
    "coapplicant_income": 6,
    "loan_amount": 7,
    "loan_amount_term": 8,
    "credit_history": 9,
}
VIEW = """CREATE VIEW predictions_applicant AS
SELECT this.id, this.owner_id, this.loan_id, {values}, this.created_at, last.created_at AS updated_at
FROM predictions_prediction this JOIN predictions_prediction last ON last.id = (
    SELECT MAX(p.id) FROM predictions_prediction p WHERE p.loan_id = this.loan_id AND p.owner_id = this.owner_id
)
WHERE NOT EXISTS (
    SELECT 1 FROM predictions_prediction p
    WHERE p.loan_id = this.loan_id AND p.owner_id = this.owner_id AND p.id < this.id
)"""
VALUES = {
    "sqlite": ("json_extract(last.inputs, '$[{place}]')", "json_extract(last.inputs, '$[{place}]')"),
    "postgresql": ("last.inputs ->> {place}", "CAST(last.inputs ->> {place} AS double precision)"),
}


def create_view(apps: Any, schema_editor: Any) -> None:
    text, number = VALUES[schema_editor.connection.vendor]
    values = [f"{text.format(place=place)} AS {name}" for name, place in TEXTS.items()]
    values += [f"{number.format(place=place)} AS {name}" for name, place in NUMBERS.items()]
    schema_editor.execute(VIEW.format(values=", ".join(values)))


def drop_view(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute("DROP VIEW predictions_applicant")


class Migration(migrations.Migration):
    dependencies = [
        ("predictions", "0021_fill_loan_ids"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Writers may have stored predictions since 0021; from here on they wait for this migration's end.
        migrations.RunPython(fill_last_loan_ids, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="prediction",
            name="loan_id",
            field=models.CharField(max_length=64, verbose_name="Loan_ID"),
        ),
        migrations.RemoveField(model_name="prediction", name="applicant"),
        migrations.AlterField(
            model_name="prediction",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="prediction",
            name="inputs",
            field=predictions.models.fields.InputsField(
                help_text="The application's values as scored, by column."
            ),
        ),
        migrations.AddIndex(
            model_name="prediction",
            index=models.Index(
                fields=["loan_id", "owner"],
                name="prediction_loan_id",
                opclasses=["varchar_pattern_ops", "int4_ops"],
            ),
        ),
        migrations.DeleteModel(name="Applicant"),
        migrations.CreateModel(
            name="Applicant",
            fields=[("id", models.BigAutoField(primary_key=True, serialize=False))],
            options={"managed": False, "ordering": ["-id"]},
        ),
        migrations.RunPython(create_view, drop_view),
    ]
