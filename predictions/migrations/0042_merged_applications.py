from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("predictions", "0041_confirmed_notices")]

    operations = [
        migrations.AlterField(
            model_name="applicationevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("note", "Note"),
                    ("values_changed", "Values Changed"),
                    ("withdrawn", "Withdrawn"),
                    ("merged", "Merged"),
                    ("merged_from", "Merged From"),
                    ("kept_apart", "Kept Apart"),
                ],
                max_length=16,
            ),
        ),
    ]
