"""Blocks of predictions. The table is made empty; the worker fills it behind the calls."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("predictions", "0054_counts_of_days"),
    ]

    operations = [
        migrations.CreateModel(
            name="PredictionBlock",
            fields=[
                ("first", models.BigIntegerField(primary_key=True, serialize=False)),
                ("size", models.PositiveIntegerField()),
                ("oldest", models.DateTimeField(help_text="Lowest `created_at`.")),
                ("newest", models.DateTimeField(help_text="Highest `created_at`.")),
                ("product", models.BinaryField()),
                ("owner", models.BinaryField()),
                ("model_version", models.BinaryField()),
                ("outcome", models.BinaryField()),
                ("source", models.BinaryField()),
                ("probability", models.BinaryField()),
                ("amount", models.BinaryField()),
            ],
        ),
    ]
