"""Any application at all: the same probability at every door, or the same refusal."""

import functools
import json
from decimal import Decimal

import jsonschema
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ml.applications.records import InvalidRecord, read_json_row
from ml.applications.values import loan_id_from_json
from ml.errors import InvalidValue
from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import LOAN_ID
from ml.tests.helpers.strategies import applications, good_values, json_values, spoiled_applications
from predictions.api.json_schemas import application_schema, loan_id_text
from predictions.models import Prediction
from predictions.roles import Role
from predictions.tests.api.test_input_bodies import ARTICLE, DOORS, V1
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.pages import score_meant

SCHEMA = built_in()

# The rows of one test add up in its database, and none of these tests counts them.
few = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def api(active_version, user_with):
    return ApiClient(user_with(Role.OFFICER))


@pytest.fixture
def probability(api):
    """Score one application by the API."""
    return lambda row: api.post(V1, row).json()["approval_probability"]


def entries(application):
    """Write an application as an officer types it."""
    return {"loan_id": application[LOAN_ID]} | {f.name: typed(application[f.column]) for f in SCHEMA.features}


def typed(value):
    return "" if value is None else value if isinstance(value, str) else f"{Decimal(repr(value)):f}"


@few
@given(applications())
def test_a_probability_lies_between_0_and_1_and_is_the_same_again(probability, application):
    first = probability(application)
    assert 0 <= first <= 1
    assert probability(application) == first


@few
@given(applications(), st.randoms(use_true_random=False))
def test_the_order_of_fields_changes_nothing(probability, application, random):
    shuffled = random.sample(list(application.items()), len(application))
    assert probability(dict(shuffled)) == probability(application)


@pytest.mark.slow
@few
@given(st.lists(applications(), min_size=1, max_size=20))
def test_an_array_and_the_articles_endpoint_score_as_single_objects(api, probability, rows):
    rows = [row | {LOAN_ID: f"L{n}"} for n, row in enumerate(rows)]
    singles = [probability(row) for row in rows]
    array = api.post(V1, rows).json()["predictions"]
    article = json.loads(api.post(ARTICLE, rows).json()["predictions"])
    assert [row["approval_probability"] for row in array] == singles
    assert [row["1"] for row in article] == [int(row["approved"]) for row in array]


@pytest.mark.slow
@few
@given(applications())
def test_the_form_scores_as_the_api(client, api, probability, application):
    client.force_login(api.user)
    expected = probability(application)
    assert score_meant(client, entries(application)).status_code == 302
    assert Prediction.objects.first().approval_probability == expected


@few
@given(applications(), st.sampled_from([f for f in SCHEMA.features if f.protected]), st.data())
def test_gender_and_marriage_change_nothing(probability, application, feature, data):
    other = application | {feature.column: data.draw(good_values(feature))}
    assert probability(other) == probability(application)


@few
@given(json_values | st.lists(spoiled_applications() | json_values, max_size=3))
@pytest.mark.parametrize("door", DOORS)
def test_any_json_is_answered_in_json_and_never_by_a_crash(api, door, document):
    response = api.post(door, json.dumps(document))
    assert response.status_code < 500
    assert response.json()


@functools.cache
def published(schema):
    """Make a schema ready once: its patterns name thousands of characters."""
    return jsonschema.Draft202012Validator(schema())


def application_of_the_built_in_product():
    return application_schema(SCHEMA)


@settings(deadline=None, derandomize=True)
@given(spoiled_applications())
def test_the_published_schema_accepts_what_the_rules_accept(application):
    assume("\\ud" not in json.dumps(application))  # half surrogate pairs, which JSON in UTF-8 cannot hold
    try:
        accepted = bool(read_json_row(SCHEMA, application))
    except InvalidRecord:
        accepted = False
    assert published(application_of_the_built_in_product).is_valid(application) == accepted


@pytest.mark.slow
@settings(deadline=None, derandomize=True, max_examples=500)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=70))
def test_the_published_schema_knows_a_loan_id(text):
    try:
        accepted = loan_id_from_json(text) is not None
    except InvalidValue:
        accepted = False
    assert published(loan_id_text).is_valid(text) == accepted
