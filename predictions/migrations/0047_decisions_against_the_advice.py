"""An index of the decisions against the advice, which the history is filtered by.

It holds few rows. Writers of decisions wait while it is made, in which all decisions are read once.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("predictions", "0046_tables_before_training")]

    operations = [
        migrations.AddIndex(
            "decision",
            models.Index(fields=["prediction"], condition=models.Q(override=True), name="decision_override"),
        ),
    ]
