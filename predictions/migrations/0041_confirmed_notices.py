"""A second person confirms a denial notice. Servers of the release before write none."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

from predictions.migrations._going_back import refuse_if_notices_confirmed


class Migration(migrations.Migration):
    dependencies = [
        ("predictions", "0040_nobody_confirms_an_own_decision"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="confirmed_by",
            field=models.ForeignKey(
                db_index=False,
                help_text="The second person, who confirmed the text for printing.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="confirmed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=Q(("confirmed_by", None), ~Q(("confirmed_by", F("by"))), _connector="OR"),
                name="nobody_confirms_an_own_notice",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, refuse_if_notices_confirmed),
    ]
