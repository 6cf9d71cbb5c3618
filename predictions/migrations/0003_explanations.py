import django.db.models.deletion
from django.db import migrations, models

import predictions.models.fields


class Migration(migrations.Migration):
    dependencies = [("predictions", "0002_roles")]

    operations = [
        migrations.CreateModel(
            name="Explanation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "digest",
                    models.CharField(help_text="SHA-256 of base and reasons.", max_length=64, unique=True),
                ),
                (
                    "base",
                    models.FloatField(
                        help_text="Log-odds before any reason; none without reasons.", null=True
                    ),
                ),
                (
                    "reasons",
                    predictions.models.fields.WrittenJSONField(
                        help_text="Contributions in log-odds, most adverse first."
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="prediction",
            name="explanation",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="predictions.explanation",
            ),
        ),
        # So that going back can add the column before it fills it.
        migrations.AlterField(
            model_name="prediction",
            name="reasons",
            field=predictions.models.fields.WrittenJSONField(null=True),
        ),
    ]
