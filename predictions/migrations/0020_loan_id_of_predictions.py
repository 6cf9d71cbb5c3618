import django.db.models.deletion
from django.db import migrations, models

from predictions.migrations._loan_ids import fill_last_applicants


class Migration(migrations.Migration):
    dependencies = [("predictions", "0019_leaner_rows")]

    operations = [
        migrations.AddField(
            model_name="prediction",
            name="loan_id",
            field=models.CharField(max_length=64, null=True, verbose_name="Loan_ID"),
        ),
        migrations.AlterField(
            model_name="prediction",
            name="applicant",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="predictions",
                to="predictions.applicant",
            ),
        ),
        # Backwards it comes first: writers may have stored predictions since 0021 went back.
        migrations.RunPython(migrations.RunPython.noop, fill_last_applicants),
    ]
