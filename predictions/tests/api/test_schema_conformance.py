"""Schemathesis over the published schema, in this process, as every role and as nobody."""

import functools
import json
import uuid

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client, override_settings
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance

from predictions.roles import Role
from predictions.services.accounts import create_token

pytestmark = pytest.mark.slow

MAX_ROWS = 30  # the limit is probed with rows of every kind, again and again
CONFIG = {
    "seed": 1,
    "generation": {"deterministic": True, "max-examples": 3},
    "checks": {
        "negative_data_rejection": {"expected-statuses": [400, 401, 403, 404, 405, 411, 413, 415, 422]}
    },
}


def published():
    with override_settings(MAX_ROWS=MAX_ROWS):
        return json.loads(OpenApiJsonRenderer().render(SchemaGenerator().get_schema(public=True)))


def site(environ, start_response):
    return handler()(environ, start_response)


@functools.cache
def handler():
    """Made within a test, whose directory of static files it looks for."""
    return get_wsgi_application()


schema = schemathesis.openapi.from_dict(published(), config=SchemathesisConfig.from_dict(CONFIG))
schema.app = site


@pytest.fixture(autouse=True)
def few_rows(settings):
    settings.MAX_ROWS = MAX_ROWS


OFTEN = (Role.OFFICER,)  # and nobody
OTHERS = tuple(role for role in Role if role not in OFTEN)


@pytest.fixture(params=[OFTEN, OTHERS], ids="-".join)
def callers(request, active_version, user_with, application):
    """Headers of each; there is something to read, also of the caller's own where the role may score."""
    users = [user_with(Role.OFFICER, "zoe"), *(user_with(role) for role in request.param)]
    tokens = [{"Authorization": f"Token {create_token(user=user)}"} for user in users]
    for token in tokens:
        rows = [application, application | {"Loan_ID": "2", "Gender": None}]
        Client().post("/api/v1/predictions/", rows, "application/json", headers=token)
    return tokens[1:] + ([{}] if request.param == OFTEN else [])


def drop_switches(case):
    """Leave out a switch where its promise contradicts a check, which knows only whether rows are valid.

    `validate_only` answers 200 about invalid rows, `atomic` refuses good rows for a bad one beside them, and
    `could_be` is for a single application.
    """
    is_negative, is_array = case.meta.generation.mode.is_negative, isinstance(case.body, list)
    if "Idempotency-Key" in case.headers and not is_negative:
        case.headers["Idempotency-Key"] = uuid.uuid4().hex  # one that no other call has used
    dropped = {"validate_only": is_negative, "atomic": is_array and not is_negative, "could_be": is_array}
    case.query = {name: on for name, on in case.query.items() if on != "true" or not dropped.get(name)}


def inexpressible(case):
    """The check of valid data, where JSON Schema has no words for what makes this body invalid."""
    if isinstance(case.body, str):  # to the article's endpoint: the text may hold anything
        return [positive_data_acceptance]
    if case.path.endswith("/batches/"):  # bytes of any kind are no table of applications
        return [positive_data_acceptance]
    if case.path.endswith("/decisions/"):  # whether it needs a code and a note, the advice says
        return [positive_data_acceptance]
    if case.path.endswith(("/products/", "/schemas/", "/values/")):  # of any kind they are none
        return [positive_data_acceptance]
    # A band without its threshold, a text that is no formula; a day that has passed, the name of nobody.
    if "/policies/" in case.path or "/applications/" in case.path:
        return [positive_data_acceptance]
    rows = [row for row in case.body if isinstance(row, dict)] if isinstance(case.body, list) else []
    loan_ids = [repr(row["Loan_ID"]) for row in rows if row.get("Loan_ID")]
    # An array is a 400 as well if another member of staff has used its IDs.
    is_taken = "/predict" in case.path and loan_ids
    return [positive_data_acceptance] if is_taken or len(loan_ids) > len(set(loan_ids)) else []


@pytest.fixture(autouse=True)
def one_connection(callers):
    """A request through WSGI ends by closing the connection, and with it the test's transaction.

    After `callers`, whose client connects the signals again.
    """
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def send(case, callers):
    for headers in callers:
        drop_switches(case)
        case.call_and_validate(headers=headers, excluded_checks=inexpressible(case))


@schema.parametrize()
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # rows of one run add up
def test_replies_are_what_the_schema_says(case, callers):
    send(case, callers)
