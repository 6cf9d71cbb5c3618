import hashlib
import json
from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

MODEL_FILES = {"scorecard": "scorecard.json", "pipeline": "pipeline.joblib"}


def fill(apps, schema_editor):
    """Copy the artefacts that are there and whole; signatures are verified whenever a copy is loaded."""
    ArtefactFile = apps.get_model("predictions", "ArtefactFile")
    for version in apps.get_model("predictions", "ModelVersion").objects.only("artefact", "digest"):
        for name, content in whole_files(Path(settings.ARTEFACTS) / version.artefact, version.digest).items():
            ArtefactFile.objects.create(version=version, name=name, content=content)


def whole_files(directory, digest):
    """Return an artefact's files by name; none when one is missing or is not what was registered."""
    try:
        files = {name: (directory / name).read_bytes() for name in ("manifest.json", "manifest.sig")}
        manifest = json.loads(files["manifest.json"])
        name = MODEL_FILES[manifest["kind"]]
        files[name] = (directory / name).read_bytes()
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    wanted = {"manifest.json": digest, name: manifest.get("model_sha256")}
    whole = all(hashlib.sha256(files[name]).hexdigest() == wanted[name] for name in wanted)
    return files if whole else {}


class Migration(migrations.Migration):
    dependencies = [("predictions", "0026_what_belongs_to_applications")]

    operations = [
        migrations.CreateModel(
            name="ArtefactFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="artefact_files",
                        to="predictions.modelversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("version", "name"), name="one_artefact_file_per_name")
                ],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
