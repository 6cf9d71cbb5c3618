"""Out-of-fold probabilities of versions, the rules of a verdict, confirmed columns of a training.

Both new columns take rows of servers of an earlier release, which go on writing during an update.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("predictions", "0023_remarks_refer")]

    operations = [
        migrations.AddField(
            model_name="comparison",
            name="rules",
            field=models.PositiveSmallIntegerField(db_default=1, default=2),
        ),
        migrations.AddField(
            model_name="trainingrun",
            name="confirmed",
            field=models.JSONField(
                default=list,
                help_text="Columns whose unusual values the person who asked vouches for.",
                null=True,
            ),
        ),
        migrations.CreateModel(
            name="OutOfFold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("repeats", models.PositiveSmallIntegerField(help_text="Of cross-validation.")),
                (
                    "probabilities",
                    models.BinaryField(
                        help_text="Little-endian 64-bit floats, repeat by repeat, in the order of the training "
                        "file's rows."
                    ),
                ),
                ("made_at", models.DateTimeField()),
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="out_of_fold",
                        to="predictions.modelversion",
                    ),
                ),
            ],
        ),
    ]
