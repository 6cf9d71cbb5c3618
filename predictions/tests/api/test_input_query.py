"""Query parameters that nobody declared, or that are given twice, are refused by name; nothing is stored."""

import json
import re

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer

from predictions.models import Batch, Prediction
from predictions.roles import Role
from predictions.tests.api.test_input_bodies import ARTICLE, V1, refusal
from predictions.tests.helpers.addresses import examples
from predictions.tests.helpers.api import ApiClient

PAGES = {"/api/docs/", "/api/v1/docs/"}
API = [path for path in examples() if re.match(r"/(api/|predict/?\Z)", path) and path not in PAGES]
NEAREST = [
    ("POST", V1, "validate-only=true", "validate-only", "validate_only"),
    ("POST", V1, "Atomic=true", "Atomic", "atomic"),
    ("GET", V1, "loan_id=X", "loan_id", "Loan_ID"),
    ("GET", V1, "created_afer=2026-01-01", "created_afer", "created_after"),
    ("GET", "/api/v1/applicants/", "pagesize=5", "pagesize", "page_size"),
    ("POST", "/api/v1/batches/", "names=a.csv", "names", "name"),
    ("GET", "/api/v1/models/1/export/", "dialekt=duckdb", "dialekt", "dialect"),
]


ARRAYS = {"column", "per"}  # of POST batches/


@pytest.fixture
def api(active_version, user_with):
    return ApiClient(user_with(Role.ADMIN))


def published():
    """Yield method, example address and names of the query parameters of every operation."""
    paths = json.loads(OpenApiJsonRenderer().render(SchemaGenerator().get_schema(public=True)))["paths"]
    for path, operations in paths.items():
        for method, operation in operations.items():
            names = [each["name"] for each in operation.get("parameters", []) if each["in"] == "query"]
            yield method.upper(), _example(path), sorted(names)


def _example(path):
    return re.sub(r"{\w+}", "1", path.replace("{name}", "loan-prediction"))


def refused(reply):
    return {error["attr"]: error for error in refusal(reply, 400)}


@pytest.mark.parametrize(("method", "path", "query", "name", "nearest"), NEAREST)
def test_an_unknown_parameter_is_refused_with_the_nearest_name(api, method, path, query, name, nearest):
    error = refused(api.send(method, f"{path}?{query}"))[name]
    assert (error["code"], f"Did you mean {nearest}?" in error["detail"]) == ("unknown_parameter", True)


@pytest.mark.slow
@pytest.mark.parametrize("path", API)
def test_every_address_of_the_api_refuses_an_unknown_parameter(api, path):
    replies = [api.send(method, f"{path}?zzz=1") for method in ("GET", "POST")]
    found = {reply.status_code: reply.json()["errors"][0]["code"] for reply in replies}
    assert (found.get(400), found.keys() <= {400, 405}) == ("unknown_parameter", True)


def test_what_is_published_is_what_is_taken(api):
    taken = {}
    for method, path, _ in published():
        detail = refused(api.send(method, f"{path}?zzz=1"))["zzz"]["detail"]
        known = re.search(r"Known parameters: (.*)\.$", detail)
        taken[method, path] = known[1].split(", ") if known else []
    assert taken == {(method, path): names for method, path, names in published()}


def test_every_published_parameter_but_arrays_is_refused_when_it_is_given_twice(api):
    for method, path, names in published():
        for name in set(names) - ARRAYS:
            error = refused(api.send(method, f"{path}?{name}=true&{name}=true"))[name]
            assert error["code"] == "repeated_parameter"


@pytest.mark.parametrize("query", ["validate-only=true", "atomic=true&atomic=false", "format=json"])
@pytest.mark.parametrize("door", [V1, ARTICLE])
def test_a_call_with_a_bad_query_stores_nothing(api, application, door, query):
    refusal(api.post(f"{door}?{query}", [application]), 400)
    assert not Prediction.objects.exists()
    assert not Batch.objects.exists()


def test_who_may_not_call_is_told_so_first(db, user_with):
    assert ApiClient().get(f"{V1}?zzz=1").status_code == 401
    assert ApiClient(user_with(Role.MODEL_MANAGER)).get(f"{V1}?zzz=1").status_code == 403


def test_pages_go_on_without_parameters_that_they_do_not_know(client_of, active_version):
    assert client_of(Role.OFFICER).get("/history/?utm_source=mail").status_code == 200
