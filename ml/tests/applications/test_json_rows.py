"""Arrays are decoded as far as rows may stand there, and documents that no application can be not at all."""

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.applications import strict_json
from ml.applications.strict_json import MIN_VALUES, VALUES_PER_ROW, decode_json
from ml.errors import TooManyRows, TooManyValues, UnreadableJSON

MIB = 1 << 20
values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=5,
)
rows = st.dictionaries(st.text(), values, max_size=5)
HEAVY = {
    "arrays": b"[" + b"[]," * (8 * MIB // 3) + b"[]]",
    "numbers": b"[" + b"1," * (4 * MIB) + b"1]",
    "empty texts": b"[" + b'"",' * (8 * MIB // 3) + b'""]',
    "empty objects": b"[" + b"{}," * (8 * MIB // 3) + b"{}]",
    "arrays in a row": b'[{"a":[' + b"[]," * (8 * MIB // 3) + b"[]]}]",
    "arrays in an object": b'{"a":[' + b"[]," * (8 * MIB // 3) + b"[]]}",
    "arrays behind a text": b'{"}": "}", "a":[' + b"[]," * (8 * MIB // 3) + b"[]]}",
    "names in an object": b"{" + b",".join(b'"%x":1' % n for n in range(800_000)) + b"}",
    "names in a row": b"[{" + b",".join(b'"%x":1' % n for n in range(800_000)) + b"}]",
    "arrays in the last row": b"[" + b"{}," * 9_999 + b'{"a":[' + b"[]," * (8 * MIB // 3) + b"[]]}]",
    "arrays in every row": b"[" + b'{"a":[[],[],[],[],[],[],[],[],[],[],[],[]]},' * 180_000 + b"{}]",
}


@given(st.lists(rows, max_size=4) | rows | st.text() | st.none(), st.integers(0, 3))
def test_rows_are_decoded_as_any_json_is(document, indent):
    text = json.dumps(document, indent=indent, ensure_ascii=bool(indent % 2))
    assert decode_json(text, 4) == strict_json.loads(text) == document


@pytest.mark.parametrize("name", HEAVY)
def test_a_heavy_document_is_refused_before_it_is_decoded(name):
    tracemalloc.start()
    with pytest.raises((UnreadableJSON, TooManyValues)):
        decode_json(HEAVY[name], 10_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * len(HEAVY[name]) + MIB


@pytest.mark.parametrize("first", ["[]", "1", '""', "null", "[[[[", "[{}"])
def test_an_array_of_other_things_is_refused_by_its_first(first):
    with pytest.raises(UnreadableJSON, match="An object is expected at index 0, not"):
        decode_json(f"[{first}, and whatever comes then", 10)


@pytest.mark.parametrize("row", ["{}", '{"a": 1}', '{"a": "["}', '{"a": [1]}'])
def test_decoding_ends_at_the_row_after_the_last(row):
    assert len(decode_json(f"[{','.join([row] * 3)}]", 3)) == 3
    with pytest.raises(TooManyRows, match="more than the 3 rows"):
        decode_json(f"[{','.join([row] * 3)}, {{and whatever comes then", 3)


@pytest.mark.parametrize(
    "text", ["[{},]", "[{} {}]", '[{"a":1},{"a":}]', "[{}] x", '{"a": [1}', '[{"[": 1,}]', "[{}"]
)
def test_what_is_no_json_is_refused_with_its_place(text):
    with pytest.raises(UnreadableJSON) as refusal:
        decode_json(text, 10)
    with pytest.raises(UnreadableJSON) as usual:
        strict_json.loads(text)
    assert str(refusal.value) == str(usual.value)


@pytest.mark.parametrize("mark", ["x", "[", "}", '\\"', "\\u005b"])
def test_a_long_text_is_decoded_as_far_as_an_application_may_be_long(mark):
    assert decode_json(json.dumps([{"a": mark * 1_000, "b": [1]}, {}]), 100)[0]["a"] == mark * 1_000


def test_a_text_of_a_million_characters_is_left_to_the_rules_of_its_field():
    assert len(decode_json('[{"Loan_ID": "' + "x" * 10**6 + '"}]', 10)[0]["Loan_ID"]) == 10**6


@pytest.mark.parametrize(("rows", "values"), [(1, MIN_VALUES), (1_000, 1_000 * VALUES_PER_ROW)])
def test_a_document_holds_at_most_so_many_values(rows, values):
    assert len(decode_json(json.dumps(dict.fromkeys(map(str, range(values)))), rows)) == values
    with pytest.raises(TooManyValues, match=f"more values than {rows:,} applications"):
        decode_json(json.dumps(dict.fromkeys(map(str, range(values + 1)))), rows)


def test_a_wide_schema_may_ask_for_more_values_a_row():
    document = [dict.fromkeys(map(str, range(60)))] * 100
    assert decode_json(json.dumps(document), 100, 120) == document
