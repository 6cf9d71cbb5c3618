import django.db.models.deletion
from django.db import migrations, models


def mark_waiting(apps, schema_editor):
    """What was referred and nobody decided waits."""
    open_ = apps.get_model("predictions", "Prediction").objects.filter(outcome="refer", decisions=None)
    Referral = apps.get_model("predictions", "Referral")
    keys = open_.order_by("pk").values_list("pk", flat=True).iterator()
    Referral.objects.bulk_create((Referral(prediction_id=pk) for pk in keys), batch_size=1_000)


class Migration(migrations.Migration):
    dependencies = [("predictions", "0014_kept_answers")]

    operations = [
        migrations.CreateModel(
            name="Referral",
            fields=[
                (
                    "prediction",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="referral",
                        serialize=False,
                        to="predictions.prediction",
                    ),
                ),
            ],
        ),
        migrations.RunPython(mark_waiting, migrations.RunPython.noop),
    ]
