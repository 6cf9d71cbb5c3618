"""The article's own client code, unchanged but for the address."""

import json

import pandas as pd
import pytest
from django.contrib.auth import get_user_model

from ml.products.loan_prediction.sample import make_sample
from predictions.models import Prediction
from predictions.roles import Role
from predictions.tests.helpers.api import ApiClient


@pytest.fixture
def body():
    """As the article builds it: a frame, to JSON, and that string to JSON again."""
    frame = pd.DataFrame(make_sample(rows=20)).drop(columns="Loan_Status")
    return json.dumps(frame.to_json(orient="records"))


@pytest.fixture
def open_endpoint(settings, active_version):
    settings.ARTICLE_ENDPOINT = "open"


def test_the_articles_client_gets_its_shape_in_order(open_endpoint, client, body):
    response = client.post("/predict", body, content_type="application/json")
    rows = json.loads(response.json()["predictions"])
    assert response.status_code == 200
    assert [row["0"] for row in rows] == [row["Loan_ID"] for row in make_sample(rows=20)]
    assert {row["1"] for row in rows} == {0, 1}


def test_the_address_with_a_slash_works_too(open_endpoint, client, body):
    assert client.post("/predict/", body, content_type="application/json").status_code == 200


def test_rows_of_unknown_callers_belong_to_the_article_user(open_endpoint, client, body):
    client.post("/predict", body, content_type="application/json")
    assert set(Prediction.objects.values_list("owner__username", "source")) == {("article", "article")}


def test_it_asks_for_a_token_by_default(active_version, client, body):
    response = client.post("/predict", body, content_type="application/json")
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Token")


def test_with_a_token_it_answers(active_version, user_with, body):
    assert ApiClient(user_with(Role.API_CLIENT)).post("/predict", body).status_code == 200


def test_the_article_user_cannot_sign_in(open_endpoint, client, body):
    client.post("/predict", body, content_type="application/json")
    assert client.post("/login/", {"username": "article", "password": ""}).status_code == 200
    assert not get_user_model().objects.get(username="article").has_usable_password()
