from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("predictions", "0015_referrals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="prediction",
            name="prediction_owner_newest",
        ),
        migrations.RemoveIndex(
            model_name="prediction",
            name="prediction_version_newest",
        ),
        migrations.AddIndex(
            model_name="prediction",
            index=models.Index(fields=["owner", "id"], name="prediction_owner"),
        ),
    ]
