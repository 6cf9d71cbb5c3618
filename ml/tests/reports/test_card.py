"""The model card: all of it follows from facts, and no fact may be missing."""

import copy

import pytest

from ml.errors import CardFieldMissing
from ml.reports.card import build_model_card, model_card_markdown


def without(facts, field):
    """Return the facts with the one at a path taken away."""
    left = copy.deepcopy(facts)
    *way, last = field.split(".")
    place = left
    for name in way:
        place = place[name]
    del place[last]
    return left


@pytest.mark.parametrize(
    "field",
    [
        "name", "status", "schema", "means_confirmed",
        "recipe", "title", "columns", "protected_columns", "users", "trained_at",
        "data.name", "data.sha256", "data.synthetic", "activations",
        "report.rows", "report.approved", "report.training_rows",
        "report.search.best_parameters", "report.search.candidates", "report.cross_validation.repeats",
        "report.cross_validation.models.scorecard.accuracy",
        "report.cross_validation.models.scorecard.reliability",
        "report.cross_validation.models.one_rule.accuracy",
        "report.cross_validation.models.majority.log_loss",
        "report.groups", "report.learning_curve", "report.protected_cost.difference",
    ],
)  # fmt: skip
def test_a_missing_fact_is_named(facts, field):
    with pytest.raises(CardFieldMissing, match=r"cannot be generated: .* is missing") as caught:
        model_card_markdown(without(facts, field))
    assert caught.value.field == field


@pytest.mark.parametrize("nothing", [None, "", {}])
def test_a_fact_that_holds_nothing_is_missing_too(facts, nothing):
    facts["report"]["groups"] = nothing
    with pytest.raises(CardFieldMissing, match=r"report\.groups is missing"):
        build_model_card(facts)


def test_a_gap_deep_in_the_report_is_named(facts):
    del facts["report"]["learning_curve"][0]["rows"]
    with pytest.raises(CardFieldMissing, match="rows is missing"):
        build_model_card(facts)


def test_it_has_a_section_for_everything_a_reader_asks(facts):
    assert [section.title for section in build_model_card(facts).sections] == [
        "Purpose and use", "Training data", "Columns", "How it was trained", "Metrics beside the baselines",
        "Calibration", "Fairness by group", "Cost of leaving out protected columns",
        "Learning curve: would more rows help?", "Limits", "How to contest a decision", "Version history",
    ]  # fmt: skip


def test_figures_stand_with_intervals_beside_both_baselines(facts):
    rows = [line for line in model_card_markdown(facts).splitlines() if "0.800" in line][:3]
    cells = " 0.800 (0.750 to 0.850) |"
    names = ("this model", "one rule: credit history", "majority class")
    assert rows == [f"| {name} |" + 4 * cells + " 0.020 |" for name in names]


def test_groups_of_a_few_rows_have_no_figures(facts):
    assert "| not given | 13 |" + 5 * " too few |" in model_card_markdown(facts)


def test_a_difference_within_its_interval_is_not_called_one(facts):
    assert "| no measurable difference |" in model_card_markdown(facts)


def test_protected_columns_are_named_as_kept_out(facts):
    assert "Protected columns are left out: Gender, Married." in model_card_markdown(facts)
    assert "| Gender | Gender | no | yes |" in model_card_markdown(facts)


def test_a_model_that_reads_protected_columns_says_so_and_needs_no_cost(facts):
    facts |= {"protected_columns": ["Gender"], "columns": ["Gender"]}
    facts["report"]["protected_cost"] = None
    text = model_card_markdown(facts)
    assert "This model USES PROTECTED COLUMNS: Gender." in text
    assert "This version uses the protected columns Gender." in text


def test_limits_promise_no_accuracy_and_no_blindness(facts):
    text = model_card_markdown(facts)
    assert "No higher accuracy is promised" in text
    assert "can still treat their groups differently" in text
    assert "ROC-AUC of 0.78" in text


def test_a_model_of_sample_data_says_so_first(facts):
    words = "Trained on synthetic sample data"
    assert words not in model_card_markdown(facts)
    facts["data"]["synthetic"] = True
    assert build_model_card(facts).sections[0].paragraphs[0].startswith(words)


def test_a_version_that_was_never_active_has_a_card(facts):
    assert "never been active" in model_card_markdown(facts | {"activations": []})


def test_what_people_typed_stays_text(facts):
    facts["data"]["name"] = "a|b<script>\n# [x](y).csv"
    assert r"| File | a\|b\<script\> \# \[x\](y).csv |" in model_card_markdown(facts)


def test_the_article_s_own_hold_out_is_on_the_card(facts):
    facts["report"]["hold_out"] = {"rows": 154, "accuracy": {"article": 0.766, "one_rule": 0.773}}
    assert "| one rule: credit history | 0.773 |" in model_card_markdown(facts)


def test_a_trained_version_has_all_that_a_card_needs(facts, trained):
    text = model_card_markdown(facts | {"report": trained.report})
    assert text.startswith("# Model card: Version 7, Scorecard\n")
