"""Every address bounds a body by its header, before it is read, and refuses a body that ends too early."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from predictions.models import AuditRecord, Batch, Decision, KeptAnswer, Prediction, TrainingFile
from predictions.roles import Role
from predictions.services.accounts import create_token
from predictions.tests.api.test_input_bodies import ARTICLE, V1
from predictions.tests.helpers.addresses import examples
from predictions.tests.helpers.batches import URL as BATCHES
from predictions.tests.helpers.batches import table

FORM = "application/x-www-form-urlencoded"
PROGRAMS = ("/api/", "/predict", "/livez", "/readyz")
PAGES = [path for path in examples() if not path.startswith(PROGRAMS) or path.startswith("/predictions/")]
CSV = table("A", "B")
FILE = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("b.csv", CSV, "text/csv")})


class Unread(io.BytesIO):
    """A body that must not be looked at."""

    def read(self, size=-1):
        raise AssertionError("The body was read.")


def post(client, path, body, kind, length=None, **headers):
    """Post a body of which the header may tell another length."""
    told = {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(length or len(body))}
    stream = body if isinstance(body, io.BytesIO) else io.BytesIO(body)
    return client.generic("POST", path, b"", headers=headers, **told, **{"wsgi.input": stream})


def cut(client, path, body, kind, missing=4, **headers):
    return post(client, path, body[:-missing], kind, len(body), **headers)


@pytest.fixture
def token(active_version, user_with):
    """The header of a caller who may do everything."""
    return {"Authorization": f"Token {create_token(user=user_with(Role.ADMIN))}"}


@pytest.fixture
def stored(token, application):
    return Client().post(V1, application, "application/json", headers=token).json()["id"]


def decided(stored):
    return f"{V1}{stored}/decisions/", {"verdict": "denied", "code": "other", "note": "No income."}


def test_json_that_ends_too_early_is_refused_at_every_address(token, stored, application):
    version = Prediction.objects.get().model_version_id
    doors = [(V1, [application]), (ARTICLE, [application]), (f"{ARTICLE}/", [application]), decided(stored)]
    for path, document in [*doors, (f"/api/v1/models/{version}/activate/", {"reason": "again"})]:
        body = json.dumps(document).encode() + b"    "  # what has come is whole by itself
        reply = cut(Client(), path, body, "application/json", **token, **{"Idempotency-Key": "k"})
        [error] = reply.json()["errors"]
        assert (reply.status_code, error["code"]) == (400, "incomplete_body")
        assert f"after {len(body) - 4:,} of the {len(body):,} bytes" in error["detail"]
    assert (Prediction.objects.count(), Decision.objects.count(), KeptAnswer.objects.count()) == (1, 0, 0)


@pytest.mark.parametrize(("body", "kind"), [(CSV, "text/csv"), (FILE, MULTIPART_CONTENT)])
def test_a_file_that_ends_too_early_is_no_batch_and_its_key_is_free(token, settings, body, kind):
    headers = token | {"Idempotency-Key": "k"}
    for missing in (1, 4, len(body) - 1):
        reply = cut(Client(), f"{BATCHES}?name=cut.csv", body, kind, missing, **headers)
        assert (reply.status_code, reply.json()["errors"][0]["code"]) == (400, "incomplete_body")
    assert not Batch.objects.exists()
    assert not settings.BATCH_FILES.exists() or not [*settings.BATCH_FILES.iterdir()]
    assert post(Client(), BATCHES, body, kind, **headers).status_code == 202


@pytest.mark.slow
@pytest.mark.parametrize("kind", [FORM, MULTIPART_CONTENT])
def test_a_form_that_ends_too_early_is_refused_at_every_page(client_of, active_version, kind):
    client = client_of(Role.ADMIN)
    client.handler.enforce_csrf_checks = True
    body = FILE if kind == MULTIPART_CONTENT else b"username=officer&password=loansite-demo"
    replies = {path: cut(client, path, body, kind) for path in PAGES}
    assert {path for path, reply in replies.items() if reply.status_code != 400} == set()
    assert "The body ends after" in replies["/login/"].content.decode()
    assert not Batch.objects.exists()
    assert not TrainingFile.objects.exists()
    assert not AuditRecord.objects.filter(action__contains="batch").exists()


def test_a_large_file_of_a_page_that_ends_too_early_is_no_batch(client_of, active_version, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = len(FILE) // 2
    reply = cut(client_of(Role.OFFICER), "/batches/", FILE, MULTIPART_CONTENT)
    assert (reply.status_code, Batch.objects.count()) == (400, 0)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [FORM, MULTIPART_CONTENT, "application/json", "text/csv"])
def test_every_address_refuses_a_large_body_of_strangers_unread(client, db, settings, kind):
    for path in examples():
        reply = post(client, path, Unread(), kind, settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        html = path in PAGES
        assert (reply.status_code, reply.headers["Content-Type"].startswith("text/html")) == (413, html), path
        assert f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes" in reply.content.decode()


@pytest.mark.parametrize("path", ["/nothing", "/nothing/", "/api/nothing/", "/batches", "/static/x.css"])
def test_a_large_body_is_not_read_where_there_is_nothing(client, db, settings, path):
    assert post(client, path, Unread(), FORM, settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1).status_code >= 400


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "kind", "roles"),
    [
        ("/batches/", MULTIPART_CONTENT, {Role.OFFICER, Role.REVIEWER, Role.ADMIN, Role.API_CLIENT}),
        (BATCHES, "text/csv", {Role.OFFICER, Role.REVIEWER, Role.ADMIN, Role.API_CLIENT}),
        (BATCHES, MULTIPART_CONTENT, {Role.OFFICER, Role.REVIEWER, Role.ADMIN, Role.API_CLIENT}),
        ("/models/training/", MULTIPART_CONTENT, {Role.MODEL_MANAGER, Role.ADMIN}),
        ("/score/", MULTIPART_CONTENT, set()),
        (V1, "application/json", set()),
        (f"{BATCHES}1/cancel/", MULTIPART_CONTENT, set()),
    ],
)
def test_who_has_the_right_may_send_a_file_where_one_is_taken(
    client_of, active_version, settings, path, kind, roles
):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    body, taken = (CSV if kind == "text/csv" else FILE), set()
    for role in Role:
        client = client_of(role)
        by_session = post(client, path, body, kind).status_code
        token = {"Authorization": f"Token {create_token(user=client.user)}"}
        by_token = post(Client(), path, body, kind, **token).status_code
        assert by_token == (by_session if path.startswith("/api/") else 413)
        taken |= {role} if by_session != 413 else set()
    assert taken == roles


@pytest.mark.parametrize("path", ["/batches/", BATCHES])
def test_no_file_may_be_larger_than_its_own_limit(client_of, active_version, settings, path):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE, settings.MAX_FILE = 1024, 2048
    reply = post(client_of(Role.OFFICER), path, Unread(), MULTIPART_CONTENT, 2048 + (1 << 16) + 1)
    assert (reply.status_code, "larger than 2,048 bytes" in reply.content.decode()) == (413, True)


@pytest.mark.parametrize("path", ["/login/", "/batches/", "/admin/", V1, BATCHES, ARTICLE, "/nothing/"])
@pytest.mark.parametrize("headers", [{"Transfer-Encoding": "chunked"}, {"Content-Length": "1_0"}])
def test_a_body_without_a_plain_length_is_refused_unread_everywhere(client, db, path, headers):
    told = {name: value for name, value in headers.items() if name == "Transfer-Encoding"}
    reply = post(client, path, Unread(), FORM, headers.get("Content-Length", "2"), **told)
    assert reply.status_code == 411
    assert (reply.headers["Content-Type"] == "application/json") == path.startswith(PROGRAMS)
