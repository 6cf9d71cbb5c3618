"""The export by page and API; what it holds is tested with `ml.sql.export`."""

import json

import pytest

from predictions.roles import Role
from predictions.tests.helpers.api import ApiClient


@pytest.fixture
def manager(client_of):
    return client_of(Role.MODEL_MANAGER)


@pytest.fixture
def api(user_with):
    return ApiClient(user_with(Role.AUDITOR))


def test_the_page_gives_sql_as_a_file(manager, active_version):
    reply = manager.get(f"/models/{active_version.pk}/export/?format=sql&dialect=duckdb&table=portfolio")
    assert f'filename="scorecard-{active_version.pk}-duckdb.sql"' in reply["Content-Disposition"]
    assert "portfolio" in reply.content.decode()


def test_page_and_api_give_the_same_json(manager, api, active_version, trained):
    page = manager.get(f"/models/{active_version.pk}/export/?format=json")
    reply = api.get(f"/api/v1/models/{active_version.pk}/export/")
    assert json.loads(page.content) == reply.json()
    assert reply.json()["scorecard"] == trained.scorecard.to_json()


@pytest.mark.parametrize("wish", ["dialect=cobol", "dialect=", "table=portfolio"])
def test_a_wish_that_nobody_can_fulfil_is_refused_in_words(api, active_version, wish):
    reply = api.get(f"/api/v1/models/{active_version.pk}/export/?{wish}")
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (400, "not_exportable")


def test_the_api_gives_sql_in_a_dialect(api, active_version):
    reply = api.get(f"/api/v1/models/{active_version.pk}/export/?dialect=postgres")
    assert reply["Content-Type"].startswith("application/sql")
    assert b"SELECT" in reply.content


def test_the_page_refuses_in_words_too(manager, active_version):
    reply = manager.get(f"/models/{active_version.pk}/export/?format=sql&dialect=cobol")
    assert reply.status_code == 409
    assert "cobol" in reply.content.decode()
