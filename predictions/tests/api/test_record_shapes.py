"""Bodies in shapes that R and pandas make by default: one sentence says what to send; nothing is stored."""

import json

import pandas as pd
import pytest

from predictions.roles import Role
from predictions.tests.api.test_input_bodies import ARTICLE, DOORS, V1, RawClient, refusal

RECORDS = 'json.loads(df.to_json(orient="records"))'
UNBOXED = "toJSON(df, auto_unbox = TRUE)"
ORIENTS = ["columns", "index", "split", "table", "values"]
ROWS = [1, 2, 614]  # one is as short as an application, 614 are longer than any


@pytest.fixture
def raw(active_version, user_with):
    return RawClient(user_with(Role.API_CLIENT))


def table(application, rows):
    return pd.DataFrame([application | {"Loan_ID": str(number)} for number in range(rows)])


def boxed(row):
    """As jsonlite writes a list without auto_unbox; NULL is {}."""
    return {name: {} if value is None else [value] for name, value in row.items()}


def one_sentence(response):
    """Return the sentence of a refusal as a whole."""
    [error] = refusal(response, 400)
    assert (error["code"], error["attr"]) == ("parse_error", None)
    assert RECORDS in error["detail"]
    assert UNBOXED in error["detail"]
    assert len(error["detail"]) < 200
    return error["detail"]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("orient", ORIENTS)
def test_a_table_of_pandas_is_told_the_orient_to_send(raw, application, door, rows, orient):
    assert "table" in one_sentence(raw.post(door, table(application, rows).to_json(orient=orient)))


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("rows", ROWS)
def test_a_dictionary_of_lists_is_told_to_send_rows(raw, application, door, rows):
    one_sentence(raw.post(door, json.dumps(table(application, rows).to_dict("list"))))


@pytest.mark.parametrize("door", DOORS)
def test_boxed_values_are_told_of_auto_unbox(raw, application, door):
    row = boxed(application | {"Gender": None})
    for body in (row, [row], [row, row | {"Loan_ID": ["2"]}]):
        assert "array of its own" in one_sentence(raw.post(door, json.dumps(body)))


def test_an_article_client_that_forgets_the_orient_is_told(raw, application):
    one_sentence(raw.post(ARTICLE, json.dumps(table(application, 614).to_json())))


@pytest.mark.parametrize("orient", ["records", "columns"])
def test_json_within_a_json_text_is_told_to_send_the_json_itself(raw, application, orient):
    body = json.dumps(table(application, 2).to_json(orient=orient))
    assert "within a JSON text" in one_sentence(raw.post(V1, body))
    assert "within a JSON text" in one_sentence(raw.post(ARTICLE, json.dumps(body)))


def test_a_boxed_row_beside_a_good_one_has_one_fault(raw, application):
    reply = raw.post(V1, json.dumps([application, boxed(application | {"Loan_ID": "2"})])).json()
    [error] = reply["errors"]
    assert (reply["scored"], error["code"], error["attr"], error["index"]) == (1, "boxed", None, 1)
    assert UNBOXED in error["detail"]


@pytest.mark.parametrize("value", [[5849], {"0": 5849}])
def test_one_value_in_an_array_is_a_fault_of_its_column(raw, application, value):
    [error] = refusal(raw.post(V1, json.dumps(application | {"ApplicantIncome": value})), 400)
    assert error["attr"] == "ApplicantIncome"
