"""Chunks of batches keep counts of their outcomes and the cells of refused rows.

All columns may be empty: workers of the release before do not write them.
"""

from django.db import migrations

import predictions.models.fields
from predictions.migrations._going_back import refuse_if_refused_rows_kept


class Migration(migrations.Migration):
    dependencies = [("predictions", "0043_files_before_scoring")]

    operations = [
        migrations.AddField(
            "batch",
            "headings",
            predictions.models.fields.WrittenJSONField(
                help_text="Headings of the file as it spells them; empty until the format is checked.",
                null=True,
            ),
        ),
        migrations.AddField(
            "batchchunk",
            "outcomes",
            predictions.models.fields.WrittenJSONField(
                help_text="Scored rows counted by outcome, probability, cause and remark.", null=True
            ),
        ),
        migrations.AddField(
            "batchchunk",
            "refused_rows",
            predictions.models.fields.WrittenJSONField(
                help_text="Cells of refused rows as the file has them: [line, cells].", null=True
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, refuse_if_refused_rows_kept),
    ]
