"""Hypothesis strategies for applications."""

from hypothesis import strategies as st

from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import LOAN_ID

SCHEMA = built_in()


numbers = st.integers() | st.floats() | st.sampled_from([-1, -0.0, 10**400, -(10**400), 1e308, 1e-310])
text = st.text(max_size=70) | st.sampled_from(["", " ", "3+", "128", "1_000", "\ud800", "a\x00", "\u202eabc"])
scalars = st.none() | st.booleans() | numbers | text
json_values = (
    scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.text(max_size=3), scalars, max_size=2)
)


def good_values(feature, optional=True):
    """Values of one feature as they are scored."""
    if feature.choices:
        values = st.sampled_from(feature.values)
    elif feature.above is not None:
        values = st.floats(feature.above, feature.maximum, exclude_min=True)
    else:
        values = st.floats(feature.minimum, feature.maximum)
        values |= st.integers(int(feature.minimum), int(feature.maximum)).map(float)
    return st.none() | values if feature.optional and optional else values


def applications(**fixed):
    """Any valid application; `fixed` gives other strategies by column."""
    values = {feature.column: good_values(feature) for feature in SCHEMA.features} | fixed
    return st.fixed_dictionaries({LOAN_ID: st.just("LP-1"), **values})


def spoiled_applications():
    """Applications of which up to four fields, known or not, hold any JSON value at all."""
    names = st.sampled_from([*SCHEMA.columns, LOAN_ID]) | st.text(max_size=5)
    spoiled = st.dictionaries(names, json_values, max_size=4)
    return st.builds(lambda row, changes: row | changes, applications(), spoiled)
