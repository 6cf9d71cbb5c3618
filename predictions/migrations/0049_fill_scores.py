"""Give each prediction an explanation that has its score."""

from django.db import migrations

from predictions.migrations._scores import fill_explanations


class Migration(migrations.Migration):
    dependencies = [("predictions", "0048_scores_of_explanations")]

    operations = [migrations.RunPython(fill_explanations, migrations.RunPython.noop)]
