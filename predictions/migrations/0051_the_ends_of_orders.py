"""Rankings: the ends of the orders by probability and by amount.

The tables are made empty. The worker fills them behind the calls; lists are right meanwhile.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("predictions", "0050_scores_of_explanations_alone"),
    ]

    operations = [
        migrations.CreateModel(
            name="RankedUntil",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("until", models.BigIntegerField(default=0)),
                ("seen", models.BigIntegerField(default=0)),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Ranking",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "measure",
                    models.CharField(
                        choices=[("probability", "Probability"), ("amount", "Amount"), ("source", "Source")],
                        max_length=16,
                    ),
                ),
                (
                    "part",
                    models.CharField(
                        blank=True, help_text="An outcome or a source; empty for all.", max_length=16
                    ),
                ),
                ("descending", models.BooleanField()),
                ("last_value", models.FloatField(help_text="Empty if it has all predictions.", null=True)),
                ("last_id", models.BigIntegerField(null=True)),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="predictions.product",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RankedPrediction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("value", models.FloatField()),
                (
                    "prediction",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="places",
                        to="predictions.prediction",
                    ),
                ),
                (
                    "ranking",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="places",
                        to="predictions.ranking",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="ranking",
            constraint=models.UniqueConstraint(
                fields=("product", "measure", "part", "descending"), name="one_ranking_of_a_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="rankedprediction",
            constraint=models.UniqueConstraint(
                fields=("ranking", "value", "prediction"), name="one_place_in_a_ranking"
            ),
        ),
    ]
