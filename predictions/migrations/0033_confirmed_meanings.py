from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("predictions", "0032_further_columns_of_batches")]

    operations = [
        migrations.AddField(
            model_name="activation",
            name="means_confirmed",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Whether the person confirmed what a good outcome means.",
            ),
        ),
    ]
