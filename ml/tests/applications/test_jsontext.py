"""JSON is read strictly: one document, UTF-8, no repeated keys, no NaN."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.applications.strict_json import loads
from ml.errors import UnreadableJSON

documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(documents)
def test_what_json_writes_is_read_back(document):
    assert loads(json.dumps(document)) == document


@given(st.binary(max_size=200))
def test_bytes_that_are_no_document_are_refused(content):
    with pytest.raises(UnreadableJSON):
        loads(content + b"{")


def test_a_byte_order_mark_is_accepted():
    assert loads(b'\xef\xbb\xbf{"a":\r\n1}') == {"a": 1}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_another_encoding_is_refused(encoding):
    with pytest.raises(UnreadableJSON):
        loads('{"a": "é"}'.encode(encoding))


@pytest.mark.parametrize("text", ['{"a": 1, "a": 1}', '[{"b": {"a": 1, "a": 2}}]'])
def test_a_repeated_key_is_refused_and_named(text):
    with pytest.raises(UnreadableJSON, match="The key 'a' appears twice"):
        loads(text)


def test_a_repeated_key_is_found_among_very_many():
    keys = ",".join(f'"{number}": 1' for number in [*range(100_000), 99_999])
    with pytest.raises(UnreadableJSON, match="The key '99999' appears twice"):
        loads("{" + keys + "}")


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_endless_nesting_is_refused(opening):
    with pytest.raises(UnreadableJSON, match="nested too deeply"):
        loads(opening * 100_000)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_nan_and_infinity_are_refused(constant):
    with pytest.raises(UnreadableJSON, match=f"{constant} is not a JSON number"):
        loads(f'{{"LoanAmount": {constant}}}')


def test_an_integer_of_five_thousand_digits_is_refused():
    with pytest.raises(UnreadableJSON, match="number that cannot be read"):
        loads("9" * 5000)


@pytest.mark.parametrize("text", ["{} {}", "[1],", "1 x", "", " ", "{", "'a'", "nan", "{a: 1}", '"\t"'])
def test_what_is_not_one_document_is_refused_with_its_place(text):
    with pytest.raises(UnreadableJSON, match=r"line 1, column \d+"):
        loads(text)
