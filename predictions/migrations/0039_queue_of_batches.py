from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("predictions", "0038_decision_codes_are_a_catalogue")]

    operations = [
        # The database has a default because servers of the release before run on during an update.
        migrations.AddField(
            model_name="batch",
            name="queue",
            field=models.BooleanField(
                db_default=True, default=True, help_text="Whether its referred cases wait for a person."
            ),
        ),
    ]
