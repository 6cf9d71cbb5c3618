"""The heading of a file: a file without any column of the product is not meant for it."""

import pytest

from ml.errors import DatasetError
from ml.schemas.toml import schema_from_facts
from ml.tables.header import absent_columns, read_header

COLUMNS = [{"name": name, "kind": "number", "minimum": 0, "maximum": 9} for name in ("term", "amount")]
TARGET = {"column": "deny", "good": ["no"], "bad": ["yes"], "means": "repaid"}
SCHEMA = schema_from_facts({"name": "car", "title": "Car loan", "target": TARGET, "column": COLUMNS})


@pytest.mark.parametrize("cells", [["foo", "bar"], ["term|amount"], ["Loan_ID", "deny"]])
def test_a_file_without_any_column_of_the_product_is_refused(cells):
    with pytest.raises(DatasetError, match="is one of Car loan; expected term, amount, parted by comma"):
        read_header("rows.csv", cells, SCHEMA)


def test_one_column_is_enough():
    names = read_header("rows.csv", ["Amount", "colour"], SCHEMA).names
    assert absent_columns(SCHEMA, names) == ["term"]


def test_only_the_first_of_very_many_columns_are_named():
    with pytest.raises(DatasetError, match="'c11', and 28 more is one of"):
        read_header("rows.csv", [f"c{number}" for number in range(40)], SCHEMA)
