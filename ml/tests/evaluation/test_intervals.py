"""The interval of a share, against scipy."""

import pytest
from scipy.stats import binomtest

from ml.figures import wilson_interval


@pytest.mark.parametrize(("hits", "rows"), [(0, 1), (1, 1), (2, 3), (0, 40), (77, 100), (614, 614)])
def test_it_is_scipy_s(hits, rows):
    expected = binomtest(hits, rows).proportion_ci(0.95, method="wilson")
    assert wilson_interval(hits / rows, rows) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_no_rows_have_no_interval():
    with pytest.raises(ValueError, match="rows must be a whole number of at least 1, not 0"):
        wilson_interval(0.0, 0)
