"""Explanations get the score that they explain: log-odds, missing columns and gaps."""

from django.db import migrations, models

from predictions.models.fields import WrittenJSONField


class Migration(migrations.Migration):
    dependencies = [("predictions", "0047_decisions_against_the_advice")]

    operations = [
        migrations.AddField("explanation", "log_odds", models.FloatField(null=True)),
        migrations.AddField(
            "explanation",
            "missing",
            WrittenJSONField(null=True, help_text="Columns that the model reads and that have no value."),
        ),
        migrations.AddField(
            "explanation",
            "gaps",
            WrittenJSONField(
                null=True,
                help_text="Lowest and highest probability that missing values could lead to; empty if not computed.",
            ),
        ),
        migrations.AlterField(
            "explanation",
            "digest",
            models.CharField(max_length=64, unique=True, help_text="SHA-256 of all other fields."),
        ),
    ]
