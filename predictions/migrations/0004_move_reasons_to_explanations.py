import hashlib
import json

from django.db import migrations


def move(apps, schema_editor):
    Explanation = apps.get_model("predictions", "Explanation")
    rows = apps.get_model("predictions", "Prediction").objects.only("base", "reasons")
    for prediction in rows.order_by("pk").iterator():
        facts = [prediction.base, prediction.reasons]
        digest = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
        prediction.explanation, _ = Explanation.objects.get_or_create(
            digest=digest, defaults={"base": prediction.base, "reasons": prediction.reasons}
        )
        prediction.save(update_fields=["explanation"])


def move_back(apps, schema_editor):
    rows = apps.get_model("predictions", "Prediction").objects.select_related("explanation")
    for prediction in rows.order_by("pk").iterator():
        prediction.base, prediction.reasons = prediction.explanation.base, prediction.explanation.reasons
        prediction.save(update_fields=["base", "reasons"])


class Migration(migrations.Migration):
    dependencies = [("predictions", "0003_explanations")]

    operations = [migrations.RunPython(move, move_back)]
