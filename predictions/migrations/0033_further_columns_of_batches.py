"""Batches keep the columns of their files that the schema does not have, for the file of results.

Both columns may be empty: workers of the release before do not write them.
"""

from django.db import migrations

import predictions.models.fields


class Migration(migrations.Migration):
    dependencies = [("predictions", "0032_confirmed_meanings")]

    operations = [
        migrations.AddField(
            "batch",
            "further_columns",
            predictions.models.fields.WrittenJSONField(
                help_text="Columns of the file that the schema does not have; empty until the format is checked.",
                null=True,
            ),
        ),
        migrations.AddField(
            "batchchunk",
            "further",
            predictions.models.fields.WrittenJSONField(
                help_text="Cells of the file's further columns, by Loan_ID; empty if it has none.", null=True
            ),
        ),
    ]
