"""Is the process alive, can it do its job, and what is wrong when it cannot."""

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder


def test_livez_needs_no_database(client):
    assert client.get("/livez").json() == {"status": "ok"}


def test_readyz_names_every_check(client, active_version):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["checks"] == {"database": "ok", "migrations": "ok", "model": "ok"}


def test_readyz_says_that_no_model_is_active(client, db):
    response = client.get("/readyz")
    assert (response.status_code, response.json()["checks"]["model"]) == (503, "no_model")


def test_readyz_says_that_a_model_cannot_be_read(client, active_version, artefacts):
    active_version.artefact_files.all().delete()
    (artefacts / active_version.artefact / "manifest.json").unlink()
    assert client.get("/readyz").json()["checks"]["model"] == "model_unreadable"


def test_readyz_says_that_migrations_are_missing(client, active_version):
    MigrationRecorder.Migration.objects.filter(app="predictions").latest("pk").delete()
    response = client.get("/readyz")
    assert (response.status_code, response.json()["checks"]["migrations"]) == (503, "missing")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_readyz_says_that_the_database_does_not_answer(client, settings):
    name = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = "/nowhere/at/all"
    try:
        response = client.get("/readyz")
    finally:
        connection.settings_dict["NAME"] = name
    assert response.status_code == 503


@pytest.mark.parametrize("path", ["/livez", "/login/", "/api/v1/predictions/", "/nothing"])
def test_every_reply_carries_a_request_id(client, db, path):
    assert len(client.get(path).headers["X-Request-ID"]) == 18


def test_a_strange_request_id_is_replaced(client):
    given = client.get("/livez", headers={"X-Request-ID": "a b\n<script>"}).headers["X-Request-ID"]
    assert given.isalnum()


@pytest.mark.parametrize("path", ["/login/", "/api/v1/predictions/", "/nothing"])
def test_no_cache_keeps_a_reply(client, db, path):
    assert "no-store" in client.get(path).headers["Cache-Control"]


def test_pages_come_with_a_strict_content_security_policy(client, db):
    policy = client.get("/login/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
@pytest.mark.parametrize("host", ["10.1.2.3:8000", "evil.example", "a_b", "[::1", ""])
def test_probes_are_answered_whatever_host_they_name(client, active_version, path, host):
    assert client.get(path, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/login/", "/livez/", "/readyz/", "/api/v1/features/", "/"])
def test_everything_else_is_refused_under_a_host_that_is_not_the_sites(client, db, path):
    assert client.get(path, headers={"Host": "evil.example"}).status_code == 400


def test_probes_are_not_sent_to_https(client, active_version, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/livez", headers={"Host": "10.1.2.3"}).status_code == 200
    assert client.get("/readyz", headers={"Host": "10.1.2.3"}).status_code == 200


def test_readyz_says_that_a_production_site_serves_a_model_of_made_up_data(client, active_version, settings):
    settings.PRODUCTION = True
    reply = client.get("/readyz")
    assert (reply.status_code, reply.json()["status"]) == (200, "degraded")
    assert "synthetic sample data" in reply.json()["why"]
