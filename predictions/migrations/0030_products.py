"""Products: each row names its own, and the view of applicants holds inputs as they are stored.

Predictions of before are not rewritten: no product is the built-in one. Servers of the release before write
on during an update, and know no other product.
"""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.core.management import CommandError
from django.db import migrations, models

from predictions.migrations._applicant_view import create_view, create_view_before, drop_view

BUILT_IN = 1
NAMING = ("modelversion", "policy", "trainingfile", "trainingrun", "batch")


def make_built_in(apps: Any, schema_editor: Any) -> None:
    product = apps.get_model("predictions", "Product").objects.create(
        name="loan-prediction", title="Loan prediction", is_default=True
    )
    if product.pk != BUILT_IN:
        raise CommandError(f"The built-in product has the key {product.pk}; expected {BUILT_IN}.")


def product_field() -> models.ForeignKey:
    return models.ForeignKey(
        db_default=BUILT_IN,
        db_index=False,
        default=BUILT_IN,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="predictions.product",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("predictions", "0029_plain_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(drop_view, create_view_before),
        migrations.CreateModel(
            name="Product",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.SlugField(help_text="Name in addresses.", max_length=63, unique=True)),
                ("title", models.CharField(max_length=100)),
                (
                    "is_default",
                    models.BooleanField(
                        default=False,
                        help_text="Addresses that name no product mean this one.",
                        verbose_name="default",
                    ),
                ),
                (
                    "retired_at",
                    models.DateTimeField(
                        help_text="Since when it takes no applications; empty if it does.", null=True
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("is_default",),
                        name="one_default_product",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SchemaVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("digest", models.CharField(help_text="SHA-256 of the document.", max_length=64)),
                ("document", models.JSONField(help_text="The schema, as `ml.schemas` writes it.")),
                ("at", models.DateTimeField()),
                ("reason", models.CharField(max_length=500)),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="schema_versions",
                        to="predictions.product",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("product", "number"), name="one_schema_per_product_and_number"
                    )
                ],
            },
        ),
        migrations.RunPython(make_built_in, migrations.RunPython.noop),
        *(migrations.AddField(model_name=name, name="product", field=product_field()) for name in NAMING),
        migrations.AddField(
            model_name="modelversion",
            name="schema",
            field=models.ForeignKey(
                db_index=False,
                help_text="Empty: the built-in product's first version.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="predictions.schemaversion",
            ),
        ),
        migrations.RemoveConstraint(model_name="modelversion", name="one_active_model_version"),
        migrations.AddConstraint(
            model_name="modelversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "active")),
                fields=("product",),
                name="one_active_version_per_product",
            ),
        ),
        migrations.AlterField(
            model_name="trainingfile",
            name="digest",
            field=models.CharField(help_text="SHA-256 of the file.", max_length=64),
        ),
        migrations.AddConstraint(
            model_name="trainingfile",
            constraint=models.UniqueConstraint(
                fields=("product", "digest"), name="one_training_file_per_product_and_digest"
            ),
        ),
        migrations.AddField(
            model_name="prediction",
            name="product",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="predictions.product",
            ),
        ),
        migrations.AddIndex(
            model_name="prediction",
            index=models.Index(
                condition=models.Q(("product__isnull", False)),
                fields=["product", "id"],
                name="prediction_product",
            ),
        ),
        migrations.RunPython(create_view, drop_view),
    ]
