from django.db import migrations, models

import predictions.models.fields


class Migration(migrations.Migration):
    dependencies = [
        ("predictions", "0028_who_may_unlock"),
    ]

    # Words for people only: no database is changed.
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="activation",
                    name="verdict",
                    field=models.JSONField(
                        help_text="The gate's verdict, if there was a comparison.", null=True
                    ),
                ),
                migrations.AlterField(
                    model_name="batch",
                    name="file",
                    field=models.CharField(
                        help_text="Name in the file store. The file is deleted when the batch ends.",
                        max_length=64,
                        unique=True,
                    ),
                ),
                migrations.AlterField(
                    model_name="batch",
                    name="heartbeat_at",
                    field=models.DateTimeField(help_text="Last sign of life of a worker, or time of upload."),
                ),
                migrations.AlterField(
                    model_name="batch",
                    name="rows",
                    field=models.PositiveIntegerField(
                        help_text="Number of rows; empty until the file's format is checked.", null=True
                    ),
                ),
                migrations.AlterField(
                    model_name="batch",
                    name="size",
                    field=models.PositiveBigIntegerField(help_text="Size in bytes."),
                ),
                migrations.AlterField(
                    model_name="batchchunk",
                    name="first_id",
                    field=models.BigIntegerField(help_text="First prediction id of this chunk.", null=True),
                ),
                migrations.AlterField(
                    model_name="batchchunk",
                    name="last_id",
                    field=models.BigIntegerField(help_text="Last prediction id of this chunk.", null=True),
                ),
                migrations.AlterField(
                    model_name="batchchunk",
                    name="length",
                    field=models.PositiveIntegerField(help_text="Size in bytes."),
                ),
                migrations.AlterField(
                    model_name="batchchunk",
                    name="number",
                    field=models.PositiveIntegerField(help_text="Position in the file, from 0."),
                ),
                migrations.AlterField(
                    model_name="batchchunk",
                    name="offset",
                    field=models.PositiveBigIntegerField(help_text="First byte in the file."),
                ),
                migrations.AlterField(
                    model_name="batchchunk",
                    name="refusals",
                    field=predictions.models.fields.WrittenJSONField(
                        default=list, help_text="Refused rows: [line, Loan_ID, field, value, expectation]."
                    ),
                ),
                migrations.AlterField(
                    model_name="batchchunk",
                    name="repeats",
                    field=predictions.models.fields.WrittenJSONField(
                        help_text="Rows with a repeated Loan_ID: [row, other line]."
                    ),
                ),
                migrations.AlterField(
                    model_name="batchchunk",
                    name="worker",
                    field=models.CharField(
                        blank=True, help_text="Token of the worker that holds the lease.", max_length=32
                    ),
                ),
                migrations.AlterField(
                    model_name="decision",
                    name="applicant_text",
                    field=models.TextField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="For the applicant: begins the denial notice.",
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
                        max_length=16,
                    ),
                ),
                migrations.AlterField(
                    model_name="decision",
                    name="note",
                    field=models.TextField(blank=True, help_text="For colleagues. It never leaves the site."),
                ),
                migrations.AlterField(
                    model_name="decision",
                    name="override",
                    field=models.BooleanField(help_text="The decision differs from the model's advice."),
                ),
                migrations.AlterField(
                    model_name="explanation",
                    name="base",
                    field=models.FloatField(
                        help_text="Log-odds before any reason is added; empty if the model gives no reasons.",
                        null=True,
                    ),
                ),
                migrations.AlterField(
                    model_name="explanation",
                    name="reasons",
                    field=predictions.models.fields.WrittenJSONField(
                        help_text="Reasons with their contributions in log-odds, most adverse first."
                    ),
                ),
                migrations.AlterField(
                    model_name="keptanswer",
                    name="digest",
                    field=models.CharField(
                        help_text="SHA-256 of the call's address and body.", max_length=64
                    ),
                ),
                migrations.AlterField(
                    model_name="modelversion",
                    name="columns",
                    field=models.JSONField(help_text="Columns of the data set that the model may use."),
                ),
                migrations.AlterField(
                    model_name="modelversion",
                    name="protected_columns",
                    field=models.JSONField(help_text="Protected columns that the model uses."),
                ),
                migrations.AlterField(
                    model_name="modelversion",
                    name="report",
                    field=models.JSONField(help_text="Search, cross-validation with baselines, hold-out."),
                ),
                migrations.AlterField(
                    model_name="outoffold",
                    name="probabilities",
                    field=models.BinaryField(
                        help_text="Little-endian 64-bit floats, one repeat after another, in the order of the training file."
                    ),
                ),
                migrations.AlterField(
                    model_name="outoffold",
                    name="repeats",
                    field=models.PositiveSmallIntegerField(help_text="Repeats of the cross-validation."),
                ),
                migrations.AlterField(
                    model_name="policy",
                    name="refer_gaps",
                    field=models.BooleanField(
                        default=True,
                        help_text="Refer an application if a missing value could change its outcome.",
                    ),
                ),
                migrations.AlterField(
                    model_name="policy",
                    name="refer_high",
                    field=models.FloatField(help_text="End of the refer band (not included).", null=True),
                ),
                migrations.AlterField(
                    model_name="policy",
                    name="refer_low",
                    field=models.FloatField(help_text="Start of the refer band (included).", null=True),
                ),
                migrations.AlterField(
                    model_name="policy",
                    name="remarks",
                    field=models.CharField(
                        choices=[("refer", "Refer the application to a person"), ("ignore", "Refer nothing")],
                        db_default="ignore",
                        default="refer",
                        help_text="Whether a remark about a value refers the application.",
                        max_length=8,
                    ),
                ),
                migrations.AlterField(
                    model_name="prediction",
                    name="gaps",
                    field=predictions.models.fields.WrittenJSONField(
                        help_text="Lowest and highest probability that missing values could lead to; empty if not computed.",
                        null=True,
                    ),
                ),
                migrations.AlterField(
                    model_name="prediction",
                    name="inputs",
                    field=predictions.models.fields.InputsField(
                        help_text="The application's values when it was scored, by column."
                    ),
                ),
                migrations.AlterField(
                    model_name="prediction",
                    name="loan_id",
                    field=models.CharField(max_length=64, verbose_name="Loan ID"),
                ),
                migrations.AlterField(
                    model_name="prediction",
                    name="missing",
                    field=predictions.models.fields.WrittenJSONField(
                        help_text="Columns that the model reads and that have no value."
                    ),
                ),
                migrations.AlterField(
                    model_name="trainingrun",
                    name="confirmed",
                    field=models.JSONField(
                        default=list,
                        help_text="Columns whose unusual values the person confirmed.",
                        null=True,
                    ),
                ),
                migrations.AlterField(
                    model_name="trainingrun",
                    name="done",
                    field=models.PositiveIntegerField(default=0, help_text="Finished steps of this phase."),
                ),
                migrations.AlterField(
                    model_name="trainingrun",
                    name="heartbeat_at",
                    field=models.DateTimeField(help_text="Last sign of life of the worker.", null=True),
                ),
            ]
        )
    ]
