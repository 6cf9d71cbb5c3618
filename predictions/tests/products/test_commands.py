"""Commands name a product, or mean the default one."""

import pytest
from django.core.management import CommandError, call_command

from predictions.live import active_policy


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
