import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import predictions.models.fields


class Migration(migrations.Migration):
    dependencies = [
        ("predictions", "0008_see_runs_and_audit_in_the_admin"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="prediction",
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("score_applicant", "Can score applicants"),
                    ("view_all_predictions", "Can see everybody's applicants and predictions"),
                    ("export_history", "Can take the history out as a file"),
                    ("enter_admin", "Can enter the admin site"),
                ],
            },
        ),
        migrations.AddField(
            model_name="prediction",
            name="gaps",
            field=predictions.models.fields.WrittenJSONField(
                help_text="What missing values could still change, if it was worked out.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="prediction",
            name="outcome",
            field=models.CharField(
                choices=[("approved", "Approved"), ("denied", "Denied"), ("refer", "Referred")], max_length=16
            ),
        ),
        migrations.AlterField(
            model_name="prediction",
            name="source",
            field=models.CharField(
                choices=[
                    ("form", "Form"),
                    ("api", "API"),
                    ("article", "Article endpoint"),
                    ("demo", "Demo data"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "prediction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="predictions.prediction",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Policy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("threshold", models.FloatField()),
                (
                    "refer_low",
                    models.FloatField(help_text="From here on a probability is referred.", null=True),
                ),
                ("refer_high", models.FloatField(help_text="From here on it is not any more.", null=True)),
                (
                    "refer_gaps",
                    models.BooleanField(
                        default=True,
                        help_text="Refer an application whose outcome a missing value could flip.",
                    ),
                ),
                ("reason", models.CharField(max_length=500)),
                ("at", models.DateTimeField()),
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
                    "previous",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="next",
                        to="predictions.policy",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "policies",
                "ordering": ["-id"],
                "permissions": [("adopt_policy", "Can change threshold and refer band")],
            },
        ),
        migrations.AddField(
            model_name="prediction",
            name="policy",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="predictions.policy",
            ),
        ),
        migrations.CreateModel(
            name="Claim",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "prediction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to="predictions.prediction",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("prediction",),
                        name="one_claim_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "verdict",
                    models.CharField(choices=[("approved", "Approved"), ("denied", "Denied")], max_length=16),
                ),
                ("override", models.BooleanField(help_text="It differs from the model's advice.")),
                (
                    "code",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("new_document", "A document that the model has not seen"),
                            ("wrong_value", "A value was entered wrongly"),
                            ("compensating", "Strengths that the model does not read"),
                            ("hidden_risk", "Risks that the model does not read"),
                            ("policy_rule", "A rule of lending policy"),
                            ("other", "Another reason, in the note"),
                        ],
                        max_length=16,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("at", models.DateTimeField(db_index=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "prediction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="predictions.prediction",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "permissions": [("decide", "Can decide on applications and work the refer queue")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("override", False),
                            models.Q(
                                models.Q(("code", ""), _negated=True), models.Q(("note", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="an_override_says_why",
                    )
                ],
            },
        ),
    ]
