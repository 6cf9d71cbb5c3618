"""Schemathesis over the published schema, in this process, as every role and as nobody."""

import json

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from predictions.roles import Role
from predictions.services.accounts import create_token

CONFIG = {"seed": 1, "generation": {"deterministic": True, "max-examples": 10}}
published = json.loads(OpenApiJsonRenderer().render(SchemaGenerator().get_schema(public=True)))
schema = schemathesis.openapi.from_dict(published, config=SchemathesisConfig.from_dict(CONFIG))


@pytest.fixture(params=[*Role, None], ids=str)
def headers(request, active_version, user_with):
    if request.param is None:
        return {}
    return {"Authorization": f"Token {create_token(user=user_with(request.param))}"}


@pytest.fixture
def site(active_version):
    return get_wsgi_application()


@schema.parametrize()
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # rows of one run may add up
def test_replies_are_what_the_schema_says(case, headers, site):
    case.call_and_validate(app=site, headers=headers)
