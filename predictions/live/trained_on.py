"""The values that a version was trained on: from its artefact, or of an older one from its training file."""

import logging
from pathlib import Path

from django.conf import settings

from ml.applications.records import columns_of
from ml.applications.training_values import TrainingValues, training_values
from ml.artefacts import store
from ml.errors import DatasetError, MLError
from ml.tables.block_reader import BlockReader
from ml.tables.csv_stream import CsvStream
from ml.tables.training_csv import read_training_table
from predictions.models import ModelVersion

logger = logging.getLogger(__name__)


def trained_on(version: ModelVersion, loaded: store.LoadedModel) -> TrainingValues | None:
    """Return them; ``None`` when nobody kept them."""
    return loaded.trained_on or version.report.get("values") or _of_file(version)


def _of_file(version: ModelVersion) -> TrainingValues | None:
    """Read the kept training file, once: what it holds is written to the version's row."""
    path = Path(settings.TRAINING_FILES) / f"{version.data_digest}.csv"
    try:
        values = _read(path)
    except (OSError, MLError) as error:
        logger.info("What version %s was trained on is not known: %s", version.pk, error)
        return None
    report = version.report | {"values": values}
    ModelVersion.objects.filter(pk=version.pk).update(report=report)
    return values


def _read(path: Path) -> TrainingValues:
    try:
        with path.open("rb") as file:  # in a second a million rows
            blocks = map(BlockReader(), CsvStream(path.name, file).blocks())
            return training_values(block.columns for block in blocks)
    except DatasetError:  # it has further columns, which only the reader of whole tables takes
        table = read_training_table(path.name, path.read_bytes())
        return training_values([columns_of(table.records)])
