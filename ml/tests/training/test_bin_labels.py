"""The words of bins."""

import dataclasses

from ml.products.loan_prediction.schema import built_in
from ml.training.bin_labels import bin_labels

MODEL_COLUMNS = built_in().by_model_column
AREA, INCOME = MODEL_COLUMNS["Property_Area"], MODEL_COLUMNS["Total_Income"]


def of_numbers(edges, **changes):
    return bin_labels(dataclasses.replace(INCOME, **changes), edges, None, [], [])[:-2]


def test_numbers_are_named_by_their_edges_and_unit():
    assert of_numbers([10, 20], unit="months") == [
        "under 10 months", "10 to under 20 months", "20 months or more",
    ]  # fmt: skip


def test_without_edges_any_value_is_in_the_bin():
    assert of_numbers([]) == ["any value"]


def test_edges_that_would_look_alike_get_more_decimals():
    assert of_numbers([0.24, 0.31], unit="") == ["under 0.2", "0.2 to under 0.3", "0.3 or more"]


def test_a_special_value_is_named_by_its_words():
    model = dataclasses.replace(INCOME, special=((-9.0, "no record"),))
    assert bin_labels(model, [], None, [-9.0, -8.0], [])[1:3] == ["no record", "-8"]


def test_a_group_of_choices_is_named_by_all_of_them():
    assert bin_labels(AREA, [], [[0, 2], [1]], [], [])[:2] == ["Rural or Urban", "Semiurban"]


def test_unseen_choices_and_a_gap_come_last():
    assert bin_labels(AREA, [], [[1]], [], [0, 2])[1:] == [
        "Rural or Urban, not seen in training", "not given",
    ]  # fmt: skip
