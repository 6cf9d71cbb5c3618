"""Queue a batch in the site of this process, wait until it has finished, and print its seconds."""

import sys
import time
from pathlib import Path

from benchmarks.site.django_client import setup

_EVERY = 0.2  # seconds


def main() -> None:
    """Score the file whose path is the only argument."""
    setup()
    from django.contrib.auth import get_user_model

    from predictions.live.active_model import schema_in_use
    from predictions.models import Prediction
    from predictions.services.batches import files as batch_files
    from predictions.services.batches import requests as batches

    source = Path(sys.argv[1])
    upload = batch_files.store_upload(name=source.name, parts=[source.read_bytes()], schema=schema_in_use())
    batch = batches.create_batch(owner=get_user_model().objects.get(username="client"), upload=upload)
    while batch.finished_at is None:
        time.sleep(_EVERY)
        batch.refresh_from_db()
    assert batch.status == batch.Status.FINISHED, batch.error
    stored = Prediction.objects.filter(request_id__startswith=f"batch-{batch.pk}-").count()
    assert stored == batch.rows, (stored, batch.rows)
    print(f"{stored} rows in {(batch.finished_at - batch.created_at).total_seconds():.2f} s")


if __name__ == "__main__":
    main()
