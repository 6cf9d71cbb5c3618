"""Texts that a schema reads as gaps or as numbers with an exponent."""

import pytest

from ml.applications.spellings import from_text
from ml.errors import InvalidValue, SchemaError
from ml.schemas.toml import schema_from_facts


def schema(**column):
    target = {"column": "y", "good": ["1"], "bad": ["0"], "means": "repaid"}
    facts = {"name": "p", "title": "P", "target": target, "column": [{"name": "amount", **column}]}
    return schema_from_facts(facts)


def amount(**keys):
    return schema(kind="number", **keys).by_column["amount"]


def test_a_text_that_the_schema_names_is_a_gap():
    assert from_text(amount(missing=["?"]), " ? ") is None


def test_a_text_that_no_schema_names_is_refused():
    with pytest.raises(InvalidValue, match=r"'\?' is not a number"):
        from_text(amount(), "?")


def test_a_gap_in_words_is_refused_where_a_value_is_required():
    with pytest.raises(InvalidValue, match="A value is required"):
        from_text(amount(missing=["?"], required=True), "?")


@pytest.mark.parametrize("text", ["8.5e-05", "85E-6", "+.000085e0"])
def test_an_exponent_is_read_where_the_schema_says_so(text):
    assert from_text(amount(exponents=True), text) == pytest.approx(0.000085)


@pytest.mark.parametrize("text", ["1e999", "1e400", "-1e16"])
def test_an_exponent_does_not_pass_the_bounds(text):
    with pytest.raises(InvalidValue, match="is too"):
        from_text(amount(exponents=True), text)


def test_an_exponent_is_refused_elsewhere():
    with pytest.raises(InvalidValue, match="is not a number"):
        from_text(amount(), "1e3")


@pytest.mark.parametrize("keys", [{"missing": ["?"]}, {"exponents": True}])
def test_only_numbers_have_these_keys(keys):
    with pytest.raises(SchemaError, match=r"column\[0\]"):
        schema(kind="category", choices=["a"], **keys)


def test_a_number_cannot_be_a_gap():
    with pytest.raises(SchemaError, match="see special"):
        amount(missing=["-9"])


def test_a_category_known_only_after_the_decision_needs_no_choices():
    target = {"column": "y", "good": ["1"], "bad": ["0"], "means": "repaid"}
    columns = [
        {"name": "amount", "kind": "number"},
        {"name": "recovered", "kind": "category", "role": "after_decision"},
    ]
    facts = {"name": "p", "title": "P", "target": target, "column": columns}
    assert schema_from_facts(facts).later_columns == ("recovered",)
