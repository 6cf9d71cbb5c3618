"""Workers that die, wake up late or meet on one batch: each row is stored once, or not at all."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from predictions.live import active_model
from predictions.models import Batch, BatchChunk, Prediction
from predictions.roles import Role
from predictions.services.batches import rows as batch_checking
from predictions.services.batches.rows import BatchFinished, reader_of
from predictions.services.batches.work import ChunkWork, requeue_abandoned, score_chunk
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.batches import carry_out, send, table


@pytest.fixture
def batch(active_version, user_with):
    """A checked batch of which a worker has taken the only chunk, and has died."""
    sent = send(ApiClient(user_with(Role.OFFICER)), table("A", "B")).json()
    Batch.objects.update(status="running", started_at=timezone.now())
    batch = Batch.objects.get(pk=sent["id"])
    batch_checking.cut_into_chunks(batch=batch)
    batch.chunks.update(worker="dead", leased_until=timezone.now() + timedelta(seconds=30))
    DBTaskResult.objects.all().delete()
    return Batch.objects.get(pk=sent["id"])


def age(batch):
    """Let the lease run out, and nobody be heard of."""
    long_ago = timezone.now() - timedelta(minutes=1)
    batch.chunks.update(leased_until=long_ago)
    Batch.objects.update(heartbeat_at=long_ago)


def late(batch):
    """Let the dead worker go on where it was."""
    model = active_model.open_cached_version(batch.model_version)
    chunk = BatchChunk.objects.get(batch=batch)
    score_chunk(work=ChunkWork(batch, model, "dead", reader_of(batch)), chunk=chunk)


def test_a_chunk_that_somebody_works_on_is_left_alone(batch):
    assert (carry_out(batch.pk).status, Prediction.objects.count()) == ("running", 0)


def test_a_dead_workers_chunk_is_taken_over_when_its_lease_is_out(batch):
    age(batch)
    assert (carry_out(batch.pk).status, Prediction.objects.count()) == ("finished", 2)


def test_a_batch_that_nobody_works_on_is_put_back_once(batch):
    requeue_abandoned()
    assert not DBTaskResult.objects.exists()
    age(batch)
    requeue_abandoned()
    requeue_abandoned()
    assert {task.args_kwargs["args"][0] for task in DBTaskResult.objects.all()} == {batch.pk}
    assert Batch.objects.filter(heartbeat_at__gt=timezone.now() - timedelta(seconds=20)).exists()


def test_a_worker_that_wakes_up_late_changes_nothing(batch):
    age(batch)
    carry_out(batch.pk)
    before = list(Prediction.objects.values_list("pk", flat=True))
    with pytest.raises(BatchFinished):
        late(batch)
    assert list(Prediction.objects.values_list("pk", flat=True)) == before


def test_a_worker_that_lost_its_chunk_stores_nothing(batch):
    batch.chunks.update(worker="another")
    with pytest.raises(BatchFinished):
        late(batch)
    assert Prediction.objects.count() == 0


def test_a_worker_stores_nothing_of_a_batch_that_was_cancelled_meanwhile(batch):
    Batch.objects.update(status="cancelled")
    with pytest.raises(BatchFinished):
        late(batch)
    assert Prediction.objects.count() == 0
