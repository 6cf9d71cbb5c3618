import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import predictions.models.fields


class Migration(migrations.Migration):
    dependencies = [
        ("predictions", "0016_indexes_in_order"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="prediction",
            name="source",
            field=models.CharField(
                choices=[
                    ("form", "Form"),
                    ("api", "API"),
                    ("article", "Article endpoint"),
                    ("batch", "Batch"),
                    ("demo", "Demo data"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="Batch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=255, verbose_name="file")),
                ("size", models.PositiveBigIntegerField(help_text="Bytes.")),
                ("digest", models.CharField(help_text="SHA-256 of the file.", max_length=64)),
                (
                    "file",
                    models.CharField(
                        help_text="Name in the store, until it is over.", max_length=64, unique=True
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("finished", "Finished"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=16,
                    ),
                ),
                ("error", models.TextField(blank=True)),
                (
                    "rows",
                    models.PositiveIntegerField(
                        help_text="Known once the file's form is checked.", null=True
                    ),
                ),
                ("created_at", models.DateTimeField(db_index=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "heartbeat_at",
                    models.DateTimeField(help_text="When somebody last worked on it, or asked for it."),
                ),
                (
                    "model_version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="predictions.modelversion",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="predictions.policy",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "batches",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="BatchChunk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(help_text="From 0, in the file's order.")),
                ("offset", models.PositiveBigIntegerField(help_text="Where it begins, in bytes.")),
                ("length", models.PositiveIntegerField(help_text="Bytes.")),
                ("first_line", models.PositiveIntegerField()),
                ("rows", models.PositiveIntegerField()),
                (
                    "worker",
                    models.CharField(blank=True, help_text="Token of whoever works on it.", max_length=32),
                ),
                ("leased_until", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("scored", models.PositiveIntegerField(default=0)),
                ("refused", models.PositiveIntegerField(default=0)),
                ("first_id", models.BigIntegerField(help_text="Of its predictions.", null=True)),
                ("last_id", models.BigIntegerField(null=True)),
                (
                    "repeats",
                    predictions.models.fields.WrittenJSONField(
                        help_text="Rows whose Loan_ID stands in another line: place, that line."
                    ),
                ),
                (
                    "refusals",
                    predictions.models.fields.WrittenJSONField(
                        default=list, help_text="Line, Loan_ID, field, value, expectation."
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="chunks",
                        to="predictions.batch",
                    ),
                ),
            ],
            options={
                "ordering": ["batch", "number"],
            },
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(fields=["owner", "-id"], name="batch_owner_newest"),
        ),
        migrations.AddConstraint(
            model_name="batchchunk",
            constraint=models.UniqueConstraint(
                fields=("batch", "number"), name="one_chunk_per_batch_and_number"
            ),
        ),
    ]
