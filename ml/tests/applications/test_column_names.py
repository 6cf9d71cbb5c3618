"""Applications whose columns have names that JSON escapes."""

import json

import pytest

from ml.applications.json_records import read_json_records
from ml.applications.records import InvalidRecord, read_json_row, values_of
from ml.schemas.toml import schema_from_facts
from ml.tables.training_csv import read_applications_csv

TARGET = {"column": "deny", "good": ["no"], "bad": ["yes"], "means": "repaid"}
NAMES = ['x"y', "back\\slash", "O'Neil", "Größe", "a b"]
ROW = {name: float(place) for place, name in enumerate(NAMES)}


def schema_of(id_entry):
    columns = [{"name": name, "kind": "number", "minimum": 0, "maximum": 9} for name in NAMES]
    facts = {"name": "x", "title": "X", "id": id_entry, "target": TARGET, "column": columns}
    return schema_from_facts(facts)


SCHEMA = schema_of({"made": True})


def test_names_with_quotes_and_backslashes_are_read_from_json():
    assert values_of(read_json_row(SCHEMA, ROW)) == tuple(ROW.values())


def test_the_fast_reader_leaves_such_rows_to_the_careful_one():
    assert read_json_records(SCHEMA, json.dumps(ROW).encode()) is None


def test_the_name_of_the_field_in_python_is_no_name_of_the_column():
    with pytest.raises(InvalidRecord, match="x_y"):
        read_json_row(SCHEMA, {"x_y": 1.0})


def test_an_id_may_have_such_a_name():
    schema = schema_of({"column": 'the "id"'})
    assert read_json_row(schema, ROW | {'the "id"': "A-1"}).loan_id == "A-1"


def test_names_with_quotes_and_backslashes_are_read_from_a_file(tmp_path):
    file = tmp_path / "rows.csv"
    file.write_text('"x""y",back\\slash\n3,4\n', encoding="utf-8")
    (record,) = read_applications_csv(SCHEMA, file)
    assert values_of(record)[:2] == (3, 4)
