"""Golden rows of any schema."""

from types import SimpleNamespace

import pytest

from ml.artefacts.golden import MAX_ROWS, golden_columns
from ml.products.loan_prediction import golden_rows
from ml.products.loan_prediction.schema import built_in
from ml.schemas.features import Feature, Kind
from ml.schemas.schema import schema_from_document


def feature(column, kind=Kind.NUMBER, **facts):
    return Feature(column.lower(), column, column, "Loan", kind, **facts)


def rows_of(*features):
    columns = golden_columns(SimpleNamespace(features=features))
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def category(column, count, **facts):
    return feature(column, Kind.CATEGORY, choices=tuple((f"{n}", f"{n}") for n in range(count)), **facts)


def test_every_gap_both_ends_of_every_number_and_every_choice_is_among_them():
    columns = golden_columns(built_in())
    for each in built_in().features:
        expected = set(each.values) or {each.minimum if each.above is None else 0.001, each.maximum}
        assert expected | ({None} if each.optional else set()) <= set(columns[each.column])


def test_a_required_column_is_never_missing():
    columns = golden_columns(built_in())
    assert not any(None in columns[each.column] for each in built_in().features if not each.optional)


def test_the_first_row_is_complete_and_the_second_has_every_gap():
    first, second, *_ = rows_of(*built_in().features)
    assert None not in first.values()
    assert {column for column, value in second.items() if value is None} == {
        each.column for each in built_in().features if each.optional
    }


def test_each_other_row_changes_one_value():
    first, _, *others = rows_of(*built_in().features)
    assert {sum(row[column] != first[column] for column in row) for row in others} == {1}


def test_the_same_schema_gives_the_same_rows():
    again = schema_from_document(built_in().document)
    assert golden_columns(again) == golden_columns(built_in())


def test_a_typical_number_lies_in_the_middle_of_the_usual_range():
    loan = feature("Amount", above=0.0, maximum=1e6, usual=(10.0, 1000.0))
    assert rows_of(loan)[0] == {"Amount": 100.0}


def test_a_number_without_any_bounds_has_ends_too():
    assert [row["Balance"] for row in rows_of(feature("Balance"))] == [0.0, None, None, -1e6, 1e6]


def test_many_columns_share_rows_and_no_value_is_lost():
    wide = [category(f"Column{n}", 7) for n in range(40)]
    rows = rows_of(*wide)
    assert len(rows) == MAX_ROWS
    assert all({row[each.column] for row in rows} == {None, *each.values} for each in wide)


def test_a_column_of_hundreds_of_choices_does_not_make_more_rows():
    rows = rows_of(category("Town", 500, optional=False), feature("Age", minimum=18.0, maximum=120.0))
    assert len(rows) == MAX_ROWS
    assert len({row["Town"] for row in rows}) == MAX_ROWS - 1


@pytest.mark.parametrize("facts", [{"optional": False}, {"optional": True}])
def test_a_schema_of_a_single_choice_has_rows(facts):
    rows = rows_of(category("Only", 1, **facts))
    assert rows[0] == {"Only": "0"}


def test_the_ten_rows_of_format_1_still_have_every_gap_that_the_schema_allows():
    gaps = {column for column, values in golden_rows.golden_columns().items() if values[1] is None}
    assert gaps == {each.column for each in built_in().features if each.optional}
