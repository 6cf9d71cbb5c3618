from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("predictions", "0031_who_may_change_products")]

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
