"""The model card of a table that is not the article's: its words come from the schema."""

import pytest

from ml.products.loan_prediction.schema import built_in
from ml.reports.card import build_model_card, model_card_markdown
from ml.reports.report import report_lines
from ml.schemas.toml import facts_of, schema_from_facts

FIGURE = {"mean": 0.8, "low": 0.75, "high": 0.85}
STRENGTH = {"gini": FIGURE, "ks": FIGURE, "columns": {"Age": {"iv": 0.1}, "Purpose": {"iv": 0.6}}}


def schema(**changes):
    target = {"column": "outcome", "good": ["good"], "bad": ["bad"], "leave_out": ["withdrawn"]}
    columns = [
        {"name": "Age", "kind": "number", "label": "Age in years"},
        {"name": "Purpose", "kind": "category", "choices": ["car", "house"]},
    ]
    declared = {
        "name": "car",
        "title": "Car loan",
        "target": target | {"means": "repaid in time"},
        "column": columns,
    }
    return schema_from_facts(declared | changes)


@pytest.fixture
def of_cars(facts):
    """The facts of a version of a product without protected columns."""
    report = facts["report"] | {"one_rule": "Age in years below 25", "groups": {}, "protected_cost": None}
    report |= {"further": ["branch"], "absent": [], "left_out": 12, "strength": STRENGTH}
    return facts | {"schema": schema(), "columns": ["Age", "Purpose"], "report": report}


def test_what_a_good_outcome_means_is_on_the_card(of_cars):
    text = model_card_markdown(of_cars)
    assert "A good outcome means: repaid in time." in text
    assert "| Values of outcome | good: good; bad: bad |" in text
    assert "home loan" not in text


def test_a_meaning_that_nobody_confirmed_is_said_so(of_cars):
    assert "Nobody has confirmed" not in model_card_markdown(of_cars)
    assert "Nobody has confirmed what a good outcome means." in model_card_markdown(
        of_cars | {"means_confirmed": False}
    )


def test_the_one_rule_is_worded_by_the_report(of_cars):
    text = model_card_markdown(of_cars)
    assert "| one rule: Age in years below 25 |" in text
    assert "credit history" not in text


def test_a_table_without_protected_columns_has_a_card_that_says_so(of_cars):
    sections = {section.title: section.paragraphs for section in build_model_card(of_cars).sections}
    assert sections["Fairness by group"] == ("No column is declared whose groups are compared.",)
    assert sections["Cost of leaving out protected columns"] == ("No column is declared as protected.",)


def test_rows_and_columns_that_were_not_used_are_listed(of_cars):
    text = model_card_markdown(of_cars)
    assert "| Rows left out by their outcome | 12 |" in text
    assert "| Columns of the file that were not used | branch |" in text


def test_information_values_stand_highest_first(of_cars):
    text = model_card_markdown(of_cars)
    assert text.index("| Purpose | 0.600 |") < text.index("| Age in years | 0.100 |")
    assert "Gini 0.800 (0.750 to 0.850)" in text.replace("\N{NO-BREAK SPACE}", " ")


def test_a_version_of_an_older_release_has_a_card_without_strength(of_cars):
    del of_cars["report"]["strength"]
    assert "Strength" not in [section.title for section in build_model_card(of_cars).sections]


def test_the_product_is_named_if_there_are_several(of_cars):
    assert "Product:" not in model_card_markdown(of_cars)
    assert "Product: Car loan." in model_card_markdown(of_cars | {"product": "Car loan"})


def test_the_articles_table_is_not_called_decisions_of_a_bank(facts):
    text = model_card_markdown(facts)
    assert "A good outcome means: the loan was originated." in text
    assert "past decisions" not in text
    assert "predicting whether a loan is repaid" in text
    assert facts_of(built_in())["target"]["means"] == "the loan was originated"


def test_the_report_in_the_terminal_names_the_same(of_cars):
    of_cars["report"]["groups"] = None
    lines = report_lines(of_cars["report"] | {"means": "repaid in time"})
    assert lines[:3] == [
        "A good outcome means: repaid in time.",
        "Columns that were not used: branch.",
        "Rows left out by their outcome: 12.",
    ]
