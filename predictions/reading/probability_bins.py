"""Probabilities in bins of five percentage points, as histograms show them."""

N_BINS = 20


def bin_of(probability: float) -> int:
    """Return the number of a probability's bin, from 0; the last one includes its upper end."""
    return min(int(probability * N_BINS), N_BINS - 1)
