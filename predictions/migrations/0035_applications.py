"""Applications: holds, proposals, events and codes, and a queue that sorts and counts by its own columns.

Servers of the release before write on during an update. All new columns may be empty or have a default.
"""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import predictions.models.fields
from predictions.migrations._applicant_view import create_view, drop_view
from predictions.migrations._going_back import refuse_if_worked_on

CODES = {
    "new_document": "New document",
    "wrong_value": "Wrong value entered",
    "compensating": "Strengths the model does not see",
    "hidden_risk": "Risks the model does not see",
    "policy_rule": "Lending policy rule",
    "other": "Other (see note)",
}


def add_codes(apps: Any, schema_editor: Any) -> None:
    DecisionCode = apps.get_model("predictions", "DecisionCode")
    DecisionCode.objects.bulk_create(
        DecisionCode(name=name, label=label, needs_note=name == "other") for name, label in CODES.items()
    )


class Migration(migrations.Migration):
    dependencies = [
        ("predictions", "0034_product_drafts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(drop_view, create_view),
        migrations.CreateModel(
            name="ApplicationEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("note", "Note"),
                            ("values_changed", "Values Changed"),
                            ("withdrawn", "Withdrawn"),
                            ("merged", "Merged"),
                            ("kept_apart", "Kept Apart"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "text",
                    models.TextField(
                        blank=True, help_text="A note, or the reason. It never leaves the site."
                    ),
                ),
                ("detail", predictions.models.fields.WrittenJSONField(null=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="DecisionCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.SlugField(
                        help_text="In JSON and files. It never changes.", max_length=32, unique=True
                    ),
                ),
                ("label", models.CharField(max_length=100)),
                ("for_overrides", models.BooleanField(default=True)),
                ("for_denials", models.BooleanField(default=True)),
                (
                    "needs_note",
                    models.BooleanField(default=False, help_text="The decision needs an internal note."),
                ),
                (
                    "applicant_text",
                    models.TextField(blank=True, help_text="Words for the applicant that are offered."),
                ),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "decision code",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asked", models.TextField(help_text="What the applicant was asked for.")),
                ("until", models.DateField(help_text="Last day of the hold.")),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("decision", "Decision"),
                            ("policy", "Policy"),
                            ("activation", "Activation"),
                        ],
                        max_length=16,
                    ),
                ),
                ("content", predictions.models.fields.WrittenJSONField()),
                (
                    "limits",
                    predictions.models.fields.WrittenJSONField(
                        default=list, help_text="The limits that ask for a second person."
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("confirmed", "Confirmed"),
                            ("refused", "Refused"),
                            ("taken_back", "Taken Back"),
                            ("outdated", "Outdated"),
                        ],
                        max_length=16,
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                ("answer_text", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("confirm_decision", "Can confirm the decision that another person proposed")
                ],
            },
        ),
        migrations.AlterModelOptions(
            name="prediction",
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("score_applicant", "Can score applicants"),
                    ("view_all_predictions", "Can see everybody's applicants and predictions"),
                    ("export_history", "Can take the history out as a file"),
                    ("enter_admin", "Can enter the admin site"),
                    ("share_staff_ids", "Its applications share the Loan IDs of the staff"),
                ],
            },
        ),
        migrations.AlterModelOptions(
            name="referral",
            options={"permissions": [("assign_cases", "Can assign cases, and act on several at once")]},
        ),
        migrations.AddField(
            model_name="decision",
            name="confirmed_by",
            field=models.ForeignKey(
                db_index=False,
                help_text="The second person, who confirmed the proposal of the first.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="probability",
            field=models.FloatField(help_text="The model's probability for these terms.", null=True),
        ),
        migrations.AddField(
            model_name="decision",
            name="terms",
            field=predictions.models.fields.WrittenJSONField(
                help_text="The amount or term approved in place of the one asked for, by column.", null=True
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="confirmed_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="limit_amount",
            field=models.FloatField(
                help_text="An amount above it is never approved by the machine nor by one person.", null=True
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="rules",
            field=predictions.models.fields.WrittenJSONField(
                help_text="Rules beside threshold and band, as `ml.scorecard.policy_rules` stores them.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="second_for_gate",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="policy",
            name="second_for_letters",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="policy",
            name="second_for_overrides",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="policy",
            name="second_for_policies",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="prediction",
            name="made_by",
            field=models.ForeignKey(
                db_index=False,
                help_text="Who scored it, if that was not the owner.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="amount",
            field=models.FloatField(help_text="The amount asked for, as the schema stores it.", null=True),
        ),
        migrations.AddField(
            model_name="referral",
            name="assigned_to",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="batch",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="predictions.batch",
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="causes",
            field=models.CharField(
                db_default="", default="", help_text="Codes, as in files.", max_length=255
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="held_until",
            field=models.DateField(help_text="Last day of a hold; empty if it is not on hold.", null=True),
        ),
        migrations.AddField(
            model_name="referral",
            name="loan_id",
            field=models.CharField(db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="referral",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="product",
            field=models.ForeignKey(
                db_default=1,
                db_index=False,
                default=1,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="predictions.product",
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="since",
            field=models.DateTimeField(help_text="When the application was first referred.", null=True),
        ),
        migrations.AddField(
            model_name="referral",
            name="source",
            field=models.CharField(
                choices=[
                    ("form", "Form"),
                    ("api", "API"),
                    ("article", "Article endpoint"),
                    ("batch", "Batch"),
                    ("demo", "Demo data"),
                ],
                db_default="",
                default="",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="code",
            field=models.CharField(
                blank=True,
                choices=[
                    ("new_document", "New document"),
                    ("wrong_value", "Wrong value entered"),
                    ("compensating", "Strengths the model does not see"),
                    ("hidden_risk", "Risks the model does not see"),
                    ("policy_rule", "Lending policy rule"),
                    ("other", "Other (see note)"),
                ],
                max_length=32,
            ),
        ),
        migrations.AlterField(
            model_name="referral",
            name="prediction",
            field=models.OneToOneField(
                help_text="The newest referred one of its application.",
                on_delete=django.db.models.deletion.CASCADE,
                primary_key=True,
                related_name="referral",
                serialize=False,
                to="predictions.prediction",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.UniqueConstraint(
                fields=("loan_id", "owner", "product"), name="one_place_in_the_queue"
            ),
        ),
        migrations.AddField(
            model_name="applicationevent",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="applicationevent",
            name="prediction",
            field=models.ForeignKey(
                help_text="The newest one at that time.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="predictions.prediction",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="ended_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="prediction",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="predictions.prediction"
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="answered_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="prediction",
            field=models.ForeignKey(
                help_text="Of a decision.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposals",
                to="predictions.prediction",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="product",
            field=models.ForeignKey(
                db_default=1,
                db_index=False,
                default=1,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="predictions.product",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answer", ""), ("kind", "decision")),
                fields=("prediction",),
                name="one_open_proposal_per_prediction",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("answered_by", None),
                    models.Q(("answer", "confirmed"), _negated=True),
                    models.Q(("answered_by", models.F("by")), _negated=True),
                    _connector="OR",
                ),
                name="nobody_confirms_an_own_proposal",
            ),
        ),
        migrations.RunPython(create_view, drop_view),
        migrations.RunPython(add_codes, migrations.RunPython.noop),
        # Last here is first on the way back: it refuses before a migration has taken anything away.
        migrations.RunPython(migrations.RunPython.noop, refuse_if_worked_on),
    ]
