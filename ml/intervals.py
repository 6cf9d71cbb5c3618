"""The interval of a share, without scipy: pages need it too."""

import math

# Under so many rows an interval spans a third of the scale: such a group is counted, not compared.
FEWEST_ROWS = 30
_Z = 1.959963984540054  # 97.5 % of the standard normal distribution lie below


def wilson(share: float, rows: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share seen in `rows` rows.

    Parameters
    ----------
    share : float
        From 0 to 1.
    rows : int
        At least 1.

    References
    ----------
    E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of the
    American Statistical Association 22, 1927.
    """
    if rows < 1:
        raise ValueError(f"rows is a whole number of at least 1, not {rows!r}.")
    spread = _Z * _Z / rows
    middle = (share + spread / 2) / (1 + spread)
    half = math.sqrt(share * (1 - share) * spread + spread * spread / 4) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)
