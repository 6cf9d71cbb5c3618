import django.db.models.deletion
from django.db import migrations, models

import predictions.models.fields


class Migration(migrations.Migration):
    dependencies = [("predictions", "0004_move_reasons_to_explanations")]

    operations = [
        migrations.RemoveField(model_name="prediction", name="base"),
        migrations.RemoveField(model_name="prediction", name="reasons"),
        migrations.AlterField(
            model_name="prediction",
            name="explanation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="predictions.explanation",
            ),
        ),
        migrations.AlterField(
            model_name="prediction",
            name="inputs",
            field=predictions.models.fields.WrittenJSONField(
                help_text="The application as scored: its values and Loan_ID, by column."
            ),
        ),
    ]
