import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("predictions", "0010_move_thresholds_to_policies")]

    operations = [
        # Going back, rows need a value before `back` of 0010 fills in their own.
        migrations.AlterField("prediction", "threshold", models.FloatField(default=0.5)),
        migrations.RemoveField("prediction", "threshold"),
        migrations.RemoveField("prediction", "refer_low"),
        migrations.RemoveField("prediction", "refer_high"),
        migrations.AlterField(
            "prediction",
            "policy",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="predictions.policy",
            ),
        ),
    ]
