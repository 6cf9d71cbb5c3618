"""Schemas written as TOML."""

import pytest

from ml.products.loan_prediction.schema import built_in
from ml.schemas.toml import facts_of, read_schema, schema_from_facts
from ml.schemas.toml_writer import schema_toml

AWKWARD = [
    'say "no"',
    "two\nlines",
    "back\\slash",
    "tab\there",
    "del\x7f",
    "zwei\u2028Zeilen",
    "#1 = [x]",
    "emoji \U0001f600",
]


def facts(**column):
    target = {"column": "y", "good": ["1"], "bad": ["0"], "means": "repaid"}
    return {
        "name": "car-loan",
        "title": "Car loan",
        "id": {"made": True},
        "target": target,
        "column": [{"name": "amount", "kind": "number", **column}],
    }


def test_the_built_in_schema_is_written_and_read_back_unchanged():
    assert read_schema(schema_toml(facts_of(built_in()))) is built_in()


@pytest.mark.parametrize("text", AWKWARD)
def test_any_text_is_written_and_read_back_unchanged(text):
    given = facts(help=text, special={"-9": text}, unit=text)
    assert read_schema(schema_toml(given)) is schema_from_facts(given)


@pytest.mark.parametrize("number", [0, 5, -3, 2.5, 1e-7, 1_000_000.0, 10**15])
def test_any_number_is_written_and_read_back_unchanged(number):
    given = facts(minimum=-10, maximum=number) if number > -3 else facts(minimum=number)
    assert read_schema(schema_toml(given)) is schema_from_facts(given)


def test_notes_stand_above_their_column_as_comments():
    text = schema_toml(facts(), {"amount": ["Check it.\nNow."]}, head=["A draft."])
    assert text.startswith("# A draft.\n")
    assert "# Check it. Now.\n[[column]]\n" in text
