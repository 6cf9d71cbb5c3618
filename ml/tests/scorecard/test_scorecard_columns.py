"""Bins of one column of a points table: groups, special values, unseen codes, gaps."""

import math

import numpy as np
import pytest

from ml.products.loan_prediction.schema import built_in
from ml.scorecard.scorecard import Scorecard
from ml.scorecard.scorecard_columns import Bin, ScorecardColumn
from ml.tests.helpers.tables import application, columns

SCHEMA = built_in()

NAN = math.nan


def bins(count):
    return [Bin(f"bin {place}", float(place), 0, 0) for place in range(count)]


def area(**cuts):
    return ScorecardColumn(SCHEMA.by_model_column["Property_Area"], bins(4), **cuts)


def places(column, *values):
    """The bins of values, the same one by one and together."""
    together = column.bins_of_values(np.array(values)).tolist()
    assert [column.bin_of_value(float(value)) for value in values] == together
    return together


def test_codes_of_a_group_share_its_bin():
    assert places(area(groups=[[0, 2], [1], [3]]), 0, 1, 2, 3, NAN) == [0, 1, 0, 2, 3]


def test_unseen_codes_have_the_bin_before_that_for_gaps():
    assert places(area(groups=[[1], [4]], unseen=[0, 2, 3]), 0, 1, 2, 3, 4, NAN) == [2, 0, 2, 2, 1, 3]


def test_a_code_beyond_all_choices_counts_as_a_gap():
    assert places(area(groups=[[0], [1], [2]]), 3, -1, 1e300, math.inf) == [3, 3, 3, 3]


def test_special_values_are_told_from_numbers():
    income = ScorecardColumn(
        SCHEMA.by_model_column["Total_Income"], bins(5), edges=[10.0], special=[-9.0, -8.0]
    )
    assert places(income, -10, -9, -8, 0, 10, math.inf, NAN) == [0, 2, 3, 0, 1, 1, 4]


def test_ordered_codes_may_be_unseen_too():
    history = ScorecardColumn(SCHEMA.by_model_column["Credit_History"], bins(3), edges=[], unseen=[1])
    assert places(history, 0, 1, NAN) == [0, 1, 2]


def test_either_edges_or_groups_are_given():
    for cuts in ({}, {"edges": [1.0], "groups": [[0]]}):
        with pytest.raises(ValueError, match="Property_Area: either edges or groups are expected"):
            area(**cuts)


def test_a_column_tells_which_way_its_points_go():
    assert area(groups=[[0], [1], [2]]).direction == 0
    assert ScorecardColumn(SCHEMA.by_model_column["Loan_To_Income"], bins(2), edges=[]).direction == -1


def test_the_words_of_a_reason_are_those_of_the_table_not_of_the_schema():
    table = Scorecard(SCHEMA, 0.0, [area(groups=[[0], [1], [2]], label="Old words")])
    document = table.to_json()
    (reason,) = Scorecard.from_json(SCHEMA, document).score(columns(application())).explanation(0).reasons
    assert (document["version"], reason["label"]) == (3, "Old words")
    assert reason["text"].startswith("Old words: bin ")


@pytest.mark.parametrize(
    "cuts",
    [
        {"groups": [[0, 2]], "special": [7.0], "unseen": [1]},
        {"edges": [0.5], "special": [7.0]},
    ],
)
def test_json_restores_every_kind_of_bin(cuts):
    document = Scorecard(SCHEMA, 0.0, [area(**cuts)]).to_json()
    assert Scorecard.from_json(SCHEMA, document).to_json() == document


def test_a_gap_may_become_any_value_special_and_unseen_ones_too():
    table = Scorecard(SCHEMA, 0.0, [area(groups=[[0]], special=[7.0], unseen=[1, 2])])
    gaps = table.score(columns(application(Property_Area=None))).gaps(0)
    assert gaps["together"] == pytest.approx([0.5, 1 / (1 + math.exp(-2))])


def wide():
    """A table of five columns with so many bins that their combinations do not fit into 64 bits."""
    edges = [float(edge) for edge in range(-7000, 1000)]
    return Scorecard(
        SCHEMA,
        0.0,
        [ScorecardColumn(model, bins(8002), edges=edges) for model in SCHEMA.by_model_column.values()],
    )


@pytest.mark.slow
def test_keys_of_a_wide_table_are_the_same_alone_and_among_others_and_never_collide():
    rows = [
        application(ApplicantIncome=income, CoapplicantIncome=0, LoanAmount=loan)
        for income in (1, 500, 700)
        for loan in (1, None, 90)
    ]
    keys = [*wide().cache_keys(columns(*rows))]
    assert [wide().cache_keys(columns(row))[0] for row in rows] == keys
    assert len(set(keys)) == len(rows)
    assert max(keys) > 2**63


def test_the_bins_of_one_application_are_named_by_column(scorecard):
    found = scorecard.bins_of(application(Credit_History=1.0))
    assert list(found) == [column.column for column in scorecard.columns]
    assert found["Credit_History"] == 1
