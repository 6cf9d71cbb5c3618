"""The code of a decision is one of a catalogue that an admin keeps. Nothing changes in the database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("predictions", "0037_counts_of_the_desk")]

    operations = [
        migrations.AlterField(
            model_name="decision",
            name="code",
            field=models.CharField(blank=True, help_text="The name of a decision code.", max_length=32),
        ),
    ]
