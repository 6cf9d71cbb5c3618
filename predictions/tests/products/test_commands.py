"""Commands name a product, or mean the default one."""

import pytest
from django.core.management import CommandError, call_command

from ml.tests.helpers.tables import csv_text, training_rows
from predictions.live import active_policy
from predictions.models import TrainingFile


def test_a_policy_is_adopted_for_the_named_product(car_loan):
    wish = {"threshold": 0.7, "reason": "Losses"}
    call_command("adopt_policy", product="car-loan", **wish)
    assert (active_policy.current(car_loan.pk).threshold, active_policy.current().threshold) == (0.7, 0.5)


def test_an_unknown_product_is_answered_with_the_known_ones(car_loan):
    with pytest.raises(CommandError, match=r"no product 'boat'. Known: loan-prediction, car-loan."):
        call_command("train", product="boat")


def test_the_sample_trains_no_other_product(car_loan, artefacts):
    with pytest.raises(CommandError, match="sample is of the built-in product"):
        call_command("train", product="car-loan")


def test_a_table_with_two_meanings_trains_nothing(db, artefacts, tmp_path):
    rows = [row | {"ApplicantIncome": "4.100", "CoapplicantIncome": "0"} for row in training_rows(30)]
    (tmp_path / "open.csv").write_text(csv_text(rows).replace(",", ";").replace(".0;", ";"))
    with pytest.raises(CommandError, match=r"4.100 or 4100 may be meant; give --decimal point or --decimal"):
        call_command("train", data=tmp_path / "open.csv")
    assert not TrainingFile.objects.exists()


@pytest.mark.parametrize(
    "option",
    [
        "--decimal=comma",
        "--sheet=Loans",
        "--column=income:ApplicantIncome",
        "--label=won:Y",
        "--leave-refused-out",
    ],
)
def test_what_is_said_of_a_file_needs_a_file(db, option):
    with pytest.raises(CommandError, match="go with --data"):
        call_command("train", option)
