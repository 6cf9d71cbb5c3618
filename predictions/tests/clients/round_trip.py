"""What a Python program does by the generated client: score, read, list, deny, and send a file."""

import io
import json
import sys

from loansite_api_client import AuthenticatedClient
from loansite_api_client.api.loansite import (
    batches_create,
    predictions_create,
    predictions_decisions_create,
    predictions_list,
    predictions_retrieve,
)
from loansite_api_client.models import (
    Application,
    Batch,
    BatchesCreateFilesBody,
    Decision,
    DenialWithCode,
    Prediction,
)
from loansite_api_client.types import File

address, token, application = sys.argv[1:]
client = AuthenticatedClient(base_url=address, token=token, raise_on_unexpected_status=True)
made = predictions_create.sync(client=client, body=Application.from_dict(json.loads(application)))
assert isinstance(made, Prediction), made
read = predictions_retrieve.sync(str(made.id), client=client)
listed = predictions_list.sync(client=client, loan_id=made.loan_id)
denial = DenialWithCode("denied", "hidden_risk", note="The employer has closed.")
denied = predictions_decisions_create.sync(str(made.id), client=client, body=denial)
assert isinstance(denied, Decision), denied
table = BatchesCreateFilesBody(file=File(io.BytesIO(sys.stdin.buffer.read()), "mine.csv", "text/csv"))
batch = batches_create.sync(client=client, body=table)
assert isinstance(batch, Batch), batch
sys.stdout.write(json.dumps([made.id, read.id, [row.id for row in listed.results], denied.code, batch.name]))
