"""Batches as tests send them, and the worker's turns that carry them out."""

from typing import Any

from django.http import HttpResponse
from django.test import Client

from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import LOAN_ID
from predictions import tasks
from predictions.models import Batch
from predictions.tests.helpers.api import ApiClient

SCHEMA = built_in()

URL = "/api/v1/batches/"
HEADER = ",".join([LOAN_ID, *SCHEMA.columns])
ROW = "Male,Yes,0,Graduate,No,5720,0,110,360,1,Urban"


def table(*loan_ids: str, row: str = ROW) -> bytes:
    """A file of equal applications but for their Loan_IDs."""
    return "\n".join([HEADER, *(f"{loan_id},{row}" for loan_id in loan_ids), ""]).encode()


def send(api: ApiClient, content: bytes, key: str | None = None, name: str = "b.csv") -> HttpResponse:
    """Post a file as the body itself."""
    headers = api.headers | ({} if key is None else {"Idempotency-Key": key})
    return Client().post(f"{URL}?name={name}", content, content_type="text/csv", headers=headers)


def finished(api: ApiClient, content: bytes) -> Any:
    """Send a file, have it scored, and return what is said of it then."""
    sent = send(api, content).json()
    while not carry_out(sent["id"]).finished:  # a turn may be short on a slow machine
        pass
    return api.get(f"{URL}{sent['id']}/").json()


def carry_out(batch_id: int) -> Batch:
    """Take one turn of the worker, which is enough for a small file."""
    tasks.score_batch.func(batch_id)
    return Batch.objects.get(pk=batch_id)


def lines(reply: Any) -> list[str]:
    """What a download says, line by line."""
    return b"".join(reply.streaming_content).decode().splitlines()
