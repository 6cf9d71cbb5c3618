"""The Loan_IDs that several accounts of the staff use. The table is made empty; the worker fills it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("predictions", "0051_the_ends_of_orders"),
    ]

    operations = [
        migrations.CreateModel(
            name="SharedLoanIds",
            fields=[
                (
                    "product",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="predictions.product",
                    ),
                ),
                ("owners", models.JSONField(help_text="Ids of the staff's accounts, in order.")),
                ("until", models.BigIntegerField()),
                ("loan_ids", models.JSONField(help_text="Empty if they are too many to keep.", null=True)),
            ],
        ),
    ]
