"""Tables of another schema at every door: headings, IDs, gaps, left-out targets, special codes."""

import io
import json

import numpy as np
import pytest

from ml.applications.json_records import read_json_records
from ml.applications.plausibility import RemarkFinder, training_values
from ml.applications.records import InvalidRecord, columns_of, read_json_row
from ml.applications.spellings import from_text
from ml.errors import DatasetError
from ml.schemas.toml import read_schema
from ml.tables.block_reader import BlockReader
from ml.tables.csv_stream import CsvStream
from ml.tables.plain_block import PlainBlock
from ml.tables.training_csv import read_training_table

LONG = "a category of forty characters that is "
TOML = f"""
name = "car-loan"
title = "Car loan"
[id]
ID
[target]
column = "outcome"
good = ["good"]
bad = ["bad"]
leave_out = ["withdrawn"]
means = "repaid"
[[column]]
name = "income"
kind = "number"
minimum = -100
maximum = 1000
special = {{ "-999" = "no record" }}
aliases = ["Net pay"]
[[column]]
name = "purpose"
kind = "category"
choices = ["car", "carport", "{LONG}X", "{LONG}Y"]
[[column]]
name = "grade"
kind = "number"
choices = [1, 2, 5]
"""
MADE = read_schema(TOML.replace("ID", "made = true"))
OWN = read_schema(TOML.replace("ID", 'column = "ref"'))


def blocks_of(schema, text):
    (block,) = CsvStream(schema, "in.csv", io.BufferedReader(io.BytesIO(text.encode()))).blocks()
    return block


def checked(schema, text):
    return BlockReader(schema)(blocks_of(schema, text))


def as_json(row, schema=MADE):
    return read_json_records(schema, json.dumps(row).encode())


@pytest.mark.parametrize("heading", ["income", "INCOME", "in-come", "net_pay", "Net pay", "NETPAY"])
def test_a_heading_is_understood_by_name_or_alias(heading):
    assert checked(MADE, f"{heading},purpose\n5,car\n").columns["income"].tolist() == [5.0]


def test_columns_that_fold_alike_are_told_apart_by_their_exact_names():
    schema = read_schema(
        TOML.replace("ID", "made = true").replace('"grade"', '"in_come"').replace("[1, 2, 5]", "[1, 2]")
    )
    columns = checked(schema, "income,in_come\n5,2\n").columns
    assert (columns["income"].tolist(), columns["in_come"].tolist()) == ([5.0], [2.0])
    stream = blocks_of(schema, "INCOME,purpose\n5,car\n")
    assert "INCOME" in stream.columns


def test_rows_without_an_id_are_named_after_their_lines():
    assert checked(MADE, "purpose,grade\ncar,1\ncar,2\n").loan_ids == ["row-2", "row-3"]


def test_an_absent_optional_column_is_all_missing():
    columns = checked(MADE, "grade,x\n1,y\n").columns
    assert list(columns["purpose"]) == [None]
    assert np.isnan(columns["income"]).all()


def test_rows_of_a_target_that_is_left_out_are_counted_and_not_read():
    rows = ["5,good", "6,bad"] * 10 + ["wrong,withdrawn"]
    table = read_training_table(MADE, "t.csv", "\n".join(["income,outcome", *rows]).encode())
    assert (len(table.records), table.left_out) == (20, 1)


def test_an_id_column_of_the_schema_is_required():
    with pytest.raises(DatasetError, match="the column ref is missing"):
        blocks_of(OWN, "income\n5\n")


@pytest.mark.parametrize("purpose", ["car", "carport", LONG + "X", LONG + "Y"])
def test_long_and_similar_categories_are_told_apart_by_their_bytes(purpose):
    block = blocks_of(MADE, f"income,purpose\n5,{purpose}\n")
    assert isinstance(block, PlainBlock)
    assert list(block.values(MADE)["purpose"]) == [purpose]


@pytest.mark.parametrize("key", ["Loan_ID", "ref"])
def test_an_application_may_name_its_id_either_way(key):
    row = {key: "A-1", "income": 5, "purpose": "car"}
    assert as_json(row, OWN) is None  # grades that are not consecutive are read with care
    assert read_json_row(OWN, row).loan_id == "A-1"


def test_both_names_of_an_id_at_once_are_refused():
    with pytest.raises(InvalidRecord, match="name the same"):
        read_json_row(OWN, {"ref": "A", "Loan_ID": "A"})


@pytest.mark.parametrize(("grade", "good"), [(1, True), (5, True), (3, False), (1.5, False)])
def test_choices_that_are_not_consecutive_are_checked_one_by_one(grade, good):
    assert as_json({"grade": grade}) is None
    if good:
        assert read_json_row(MADE, {"grade": grade}).grade == grade
    else:
        with pytest.raises(InvalidRecord, match="one of 1, 2, 5"):
            read_json_row(MADE, {"grade": grade})


@pytest.mark.parametrize("income", [-100, -999, 0, 1000])
def test_a_negative_minimum_and_a_special_code_pass_every_door(income):
    assert read_json_row(MADE, {"income": income}).income == income
    assert from_text(MADE.by_column["income"], f"{income}") == income
    assert checked(MADE, f"income,grade\n{income},1\n").columns["income"].tolist() == [income]


@pytest.mark.parametrize("income", [-101, -998, 1001])
def test_a_number_out_of_bounds_that_is_no_code_is_refused(income):
    with pytest.raises(InvalidRecord, match="or -999 for no record"):
        read_json_row(MADE, {"income": income})
    assert checked(MADE, f"income,grade\n{income},1\n").refused


def test_a_special_code_is_no_part_of_a_range_and_gets_no_remark():
    columns = columns_of(MADE, [read_json_row(MADE, {"income": value}) for value in (-999, 10, 20)])
    trained = training_values(MADE, [columns])
    assert trained["income"] == [10.0, 20.0]
    found = RemarkFinder(MADE, trained, ["income"])(columns)
    assert not found


@pytest.mark.parametrize("count", [0, 1])
def test_a_schema_of_no_number_or_one_reads_json(count):
    text = TOML.replace("ID", "made = true")
    number, category = text.index('[[column]]\nname = "income"'), text.index('[[column]]\nname = "purpose"')
    grade = text.index('[[column]]\nname = "grade"')
    schema = read_schema(text[:category] if count else text[:number] + text[category:grade])
    row = {"Loan_ID": "A", **({"income": -0.0} if count else {"purpose": "car"})}
    record = as_json(row, schema) or read_json_row(schema, row)
    assert "-0.0" not in repr(record)
