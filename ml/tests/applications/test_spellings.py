"""What each spelling of a value is read as, by the convention of its door."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.applications.number_texts import Convention, evidence
from ml.applications.spellings import read_spelling
from ml.errors import InvalidValue
from ml.products.loan_prediction.schema import built_in
from ml.schemas.toml import schema_from_facts
from ml.tables.safe_csv import escape_formula

POINT, COMMA, PAGE = Convention.POINT, Convention.COMMA, Convention.PAGE
ASK, NO = "ambiguous", "invalid"

# Numbers: text, read with a decimal point, with a decimal comma, on a page, and where nothing is known.
NUMBERS = [
    ("5849", 5849, 5849, 5849, 5849),
    ("+5849", 5849, 5849, 5849, 5849),
    (" 5849 ", 5849, 5849, 5849, 5849),
    ("'+5849", 5849, 5849, 5849, 5849),
    ("005849", 5849, 5849, 5849, 5849),
    ("0", 0, 0, 0, 0),
    ("-0", 0, 0, 0, 0),
    ("\u22120", 0, 0, 0, 0),
    ("5849.5", 5849.5, NO, 5849.5, 5849.5),
    ("5849.50", 5849.5, NO, 5849.5, 5849.5),
    ("5849.", 5849, NO, 5849, 5849),
    (".5", 0.5, NO, 0.5, 0.5),
    ("0.125", 0.125, NO, 0.125, 0.125),
    ("4.1", 4.1, NO, 4.1, 4.1),
    ("4.10", 4.1, NO, 4.1, 4.1),
    ("4.1000", 4.1, NO, 4.1, 4.1),
    ("5849,5", NO, 5849.5, 5849.5, 5849.5),
    ("5849,50", NO, 5849.5, 5849.5, 5849.5),
    ("0,125", NO, 0.125, 0.125, 0.125),
    (",5", NO, 0.5, 0.5, 0.5),
    ("4,1", NO, 4.1, 4.1, 4.1),
    ("4,10", NO, 4.1, 4.1, 4.1),
    ("4.100", 4.1, 4100, ASK, ASK),
    ("4,100", 4100, 4.1, 4100, ASK),
    ("128.125", 128.125, 128125, ASK, ASK),
    ("128,125", 128125, 128.125, 128125, ASK),
    ("70,000", 70000, 70, 70000, ASK),
    ("70.000", 70, 70000, ASK, ASK),
    ("1,234.5", 1234.5, NO, 1234.5, 1234.5),
    ("1.234,5", NO, 1234.5, 1234.5, 1234.5),
    ("1,234,567", 1234567, NO, 1234567, 1234567),
    ("1.234.567", NO, 1234567, 1234567, 1234567),
    ("1,234,567.89", 1234567.89, NO, 1234567.89, 1234567.89),
    ("1.234.567,89", NO, 1234567.89, 1234567.89, 1234567.89),
    ("10,000,000", 1e7, NO, 1e7, 1e7),
    ("1,00,000", 100000, NO, 100000, 100000),
    ("12,34,567", 1234567, NO, 1234567, 1234567),
    ("12,34,567.50", 1234567.5, NO, 1234567.5, 1234567.5),
    ("12 000", 12000, 12000, 12000, 12000),
    ("12\u00a0000", 12000, 12000, 12000, 12000),
    ("12\u2009000", 12000, 12000, 12000, 12000),
    ("12\u202f000", 12000, 12000, 12000, 12000),
    ("1 234 567", 1234567, 1234567, 1234567, 1234567),
    ("1 234,50", NO, 1234.5, 1234.5, 1234.5),
    ("1 234.50", 1234.5, NO, 1234.5, 1234.5),
    ("1\u202f234,50", NO, 1234.5, 1234.5, 1234.5),
    ("12'000", 12000, 12000, 12000, 12000),
    ("12\u2019000", 12000, 12000, 12000, 12000),
    ("1'234'567.5", 1234567.5, NO, 1234567.5, 1234567.5),
    ("$1500", 1500, 1500, 1500, 1500),
    ("$ 1,500", 1500, 1.5, 1500, ASK),
    ("1500 \u20ac", 1500, 1500, 1500, 1500),
    ("1.500,00 \u20ac", NO, 1500, 1500, 1500),
    ("\u20b9 1,50,000", 150000, NO, 150000, 150000),
    ("\u00a31,500.00", 1500, NO, 1500, 1500),
    ("CHF 1'500", 1500, 1500, 1500, 1500),
    ("1\u2019234.\u2013", 1234, NO, 1234, 1234),
    ("1'234.-", 1234, NO, 1234, 1234),
    ("1'234.\u2014", 1234, NO, 1234, 1234),
    ("CHF 1'234.--", 1234, NO, 1234, 1234),
    ("Fr. 1'234.\u2013", 1234, NO, 1234, 1234),
    ("1'234.\u2013 SFr.", 1234, NO, 1234, 1234),
    ("1234.-", 1234, NO, 1234, 1234),
    ("1,234.-", 1234, NO, 1234, 1234),
    ("4.100.-", 4100, 4100, 4100, 4100),
    ("1 234,-", NO, 1234, 1234, 1234),
    ("1.234,-", NO, 1234, 1234, 1234),
    ("1.234,\u2013 \u20ac", NO, 1234, 1234, 1234),
    ("1.234,--\u20ac", NO, 1234, 1234, 1234),
    ("4.100,- EUR", NO, 4100, 4100, 4100),
    ("1 234,- K\u010d", NO, 1234, 1234, 1234),
    ("kr 1\u00a0234,\u2212", NO, 1234, 1234, 1234),
    ("1 234:-", 1234, 1234, 1234, 1234),
    ("1234:\u2013 kr", 1234, 1234, 1234, 1234),
    ("0,-", NO, 0, 0, 0),
    ("EUR 1500", 1500, 1500, 1500, 1500),
    ("1500 USD", 1500, 1500, 1500, 1500),
    ("1500 usd", 1500, 1500, 1500, 1500),
    ("Rs. 1500", 1500, 1500, 1500, 1500),
    ("Rs 1500", 1500, 1500, 1500, 1500),
    ("1500 kr", 1500, 1500, 1500, 1500),
    ("1500 euros", 1500, 1500, 1500, 1500),
    ("$+1500", 1500, 1500, 1500, 1500),
    ("+$1500", 1500, 1500, 1500, 1500),
    ("5k", 5000, 5000, 5000, 5000),
    ("5 K", 5000, 5000, 5000, 5000),
    ("5.5k", 5500, NO, 5500, 5500),
    ("5,5k", NO, 5500, 5500, 5500),
    ("$5k", 5000, 5000, 5000, 5000),
    ("5 thousand", 5000, 5000, 5000, 5000),
    ("5 Tsd.", 5000, 5000, 5000, 5000),
    ("1 million", 1e6, 1e6, 1e6, 1e6),
    ("Rs.5849", 5849, 5849, 5849, 5849),
    ("kr.5000", 5000, 5000, 5000, 5000),
    ("Rs. 5,00,000/-", 500000, NO, 500000, 500000),
    ("5 LAC", 500000, 500000, 500000, 500000),
    ("5 MIO EUR", 5e6, 5e6, 5e6, 5e6),
    ("2 lakh", 200000, 200000, 200000, 200000),
    ("1 crore", 1e7, 1e7, 1e7, 1e7),
    ("4100 per month", 4100, 4100, 4100, 4100),
    ("4100/month", 4100, 4100, 4100, 4100),
    ("4100 p.m.", 4100, 4100, 4100, 4100),
    ("4100 monthly", 4100, 4100, 4100, 4100),
    ("4,100 per month", 4100, 4.1, 4100, ASK),
    ("48000 per year", 4000, 4000, 4000, 4000),
    ("48k a year", 4000, 4000, 4000, 4000),
    ("48000 p.a.", 4000, 4000, 4000, 4000),
    ("EUR 48000 per annum", 4000, 4000, 4000, 4000),
    ("100/year", 8.33333333333333, 8.33333333333333, 8.33333333333333, 8.33333333333333),
    *[
        (text, NO, NO, NO, NO)
        for text in [
            "1_000",
            "4.5,-",
            "4,5.-",
            "12.50.-",
            ".-",
            "5.-5",
            "5,- 5",
            "5---",
            "5:",
            "12:30",
            "5.---",
            "NOT 5000",
            "5USD000",
            "5$000",
            "$ $5",
            "\uff11\uff12\uff18",
            "\u0661\u0662\u0668",
            "1e3",
            "0x10",
            "--1",
            "1-2",
            "5-10",
            "12 00",
            "1 2345",
            "1, 000",
            "1,000,00",
            "1..5",
            "1,,5",
            ".",
            ",",
            "$",
            "k",
            "5 kk",
            "5%",
            "5 per day",
            "5 years",
            "about 5000",
            "5000?",
            "(5000)",
            "Infinity",
            "-inf",
            "1.000 000",
            "five",
            "5849\u200b5",
            "TRUE",
            "#DIV/0!",
        ]
    ],
]
# Other columns: column, text, read the same at every door.
TERMS = [
    ("360", 360),
    ("360 months", 360),
    ("360 Months", 360),
    ("1 month", 1),
    ("360mo", 360),
    ("30 years", 360),
    ("30 yrs", 360),
    ("30y", 360),
    ("2.5 years", 30),
    ("30 days", NO),
    ("$360", NO),
    ("360k", NO),
    ("601", "max_value"),
    ("60 years", "max_value"),
    ("0 years", "min_value"),
]
AMOUNTS = [
    ("128", 128),
    ("128k", 128),
    ("128 thousand", 128),
    ("128 thousands", 128),
    ("$128k", 128),
    ("1 million", 1000),
    ("1.5 lakh", 150),
    ("0", "min_value"),
    ("-5", "min_value"),
    ("1000001", "max_value"),
    ("2 crore crore", NO),
]
CHOICES = [
    ("Gender", "female", "Female"),
    ("Gender", " FEMALE ", "Female"),
    ("Gender", "f", "invalid_choice"),
    ("Married", " NO ", "No"),
    ("Married", "y", "Yes"),
    ("Married", "TRUE", "Yes"),
    ("Married", "FALSCH", "No"),
    ("Married", "Oui", "Yes"),
    ("Married", "maybe", "invalid_choice"),
    ("Married", "1", "invalid_choice"),
    ("Dependents", "3+", "3+"),
    ("Dependents", "3 +", "3+"),
    ("Dependents", "3 or more", "3+"),
    ("Dependents", "None", ASK),
    ("Dependents", "none", "0"),
    ("Dependents", "2.0", "2"),
    ("Dependents", "4", "invalid_choice"),
    ("Dependents", "-1", "invalid_choice"),
    ("Education", "not graduate", "Not Graduate"),
    ("Education", "Not-Graduate", "Not Graduate"),
    ("Education", "NOT_GRADUATE", "Not Graduate"),
    ("Education", "notgraduate", "Not Graduate"),
    ("Self_Employed", "j", "Yes"),
    ("Credit_History", "1", 1),
    ("Credit_History", "1.0", 1),
    ("Credit_History", "yes", 1),
    ("Credit_History", "FALSE", 0),
    ("Credit_History", "meets the guidelines", 1),
    ("Credit_History", "Does not meet the guidelines", 0),
    ("Credit_History", "maybe", NO),
    ("Credit_History", "O", NO),
    ("Credit_History", "x", NO),
    ("Credit_History", "2", "invalid_choice"),
    ("Property_Area", "semi-urban", "Semiurban"),
    ("Property_Area", "Semi Urban", "Semiurban"),
    ("Property_Area", "URBAN", "Urban"),
    ("Property_Area", "Urbn", "invalid_choice"),
]
GAPS = ["", " ", "NA", "n/a", "NaN", "null", "-", "\u2014"]
SCHEMA = built_in()


def read(column, text, convention, schema=SCHEMA):
    try:
        return read_spelling(schema.by_column[column], text, convention).value
    except InvalidValue as error:
        return error.code


@pytest.mark.parametrize(("text", "point", "comma", "page", "unknown"), NUMBERS)
def test_a_number_is_read_by_the_convention_of_its_door(text, point, comma, page, unknown):
    doors = (POINT, COMMA, PAGE, None)
    assert [read("ApplicantIncome", text, door) for door in doors] == [point, comma, page, unknown]


SAME = [
    *[("Loan_Amount_Term", text, value) for text, value in TERMS],
    *[("LoanAmount", text, value) for text, value in AMOUNTS],
    *CHOICES,
    *[("Gender", text, None) for text in GAPS],
    *[("LoanAmount", text, None) for text in GAPS],
]


@pytest.mark.parametrize(("column", "text", "value"), SAME)
def test_a_spelling_has_one_meaning_at_every_door(column, text, value):
    assert read(column, text, PAGE) == value
    assert read(column, text, POINT) == value


def test_an_open_number_is_refused_with_both_readings():
    with pytest.raises(
        InvalidValue, match=r"'?128.125'? may mean 128,125 or 128.125; write 128125 or 128.1250"
    ):
        read_spelling(SCHEMA.by_column["ApplicantIncome"], "128.125", None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("70,000", "70,000 per month"),
        ("70000", ""),
        ("48k a year", "4,000 per month"),
        ("5849,5", "5,849.5 per month"),
    ],
)
def test_how_a_text_was_understood_is_said(text, words):
    assert read_spelling(SCHEMA.by_column["ApplicantIncome"], text, PAGE).read_as == words


def lender(**column):
    target = {"column": "y", "good": ["1"], "bad": ["0"], "means": "repaid"}
    columns = [{"name": "x", **column}]
    facts = {"name": "p", "title": "P", "currency": "EUR", "target": target, "column": columns}
    return schema_from_facts(facts)


def test_a_spelling_that_the_schema_names_is_read():
    schema = lender(kind="category", choices=["Male", "Female"], spellings={"m": "Male", "Mme": "Female"})
    assert [read("x", text, PAGE, schema) for text in ("M", "mme", "f")] == [
        "Male",
        "Female",
        "invalid_choice",
    ]


def test_an_amount_in_another_currency_is_refused():
    schema = lender(kind="number", unit="currency per month")
    assert [read("x", text, PAGE, schema) for text in ("EUR 1,500", "1500 USD")] == [1500, "invalid"]


@pytest.mark.parametrize(("unit", "maximum", "value"), [("%", 100, 14), ("per cent", 100, 14), ("", 1, 0.14)])
def test_a_per_cent_sign_is_read_where_it_fits(unit, maximum, value):
    assert read("x", "14%", POINT, lender(kind="number", unit=unit, maximum=maximum)) == value


def test_a_column_in_units_is_read_in_units_on_pages_and_as_stored_in_files():
    amount = lender(kind="number", unit="currency", scale=1000).by_column["x"]
    assert read_spelling(amount, "128,000", PAGE, as_written=True) == (128.0, "128,000 EUR")
    assert read_spelling(amount, "128k", PAGE, as_written=True).value == 128.0
    assert read_spelling(amount, "128k", POINT) == (128.0, "128,000 EUR")


AMOUNT = st.floats(0, 1e7).map(lambda number: float(f"{number:.10g}")) | st.integers(0, 10**7).map(float)


@given(AMOUNT)
def test_what_a_page_prints_is_read_back_to_the_same_number(number):
    feature = SCHEMA.by_column["ApplicantIncome"]
    for text in (feature.value_text(number), f"{number:,.10g}"):
        if "." not in text or "," in text or evidence(text) or "e" in text:
            assert read("ApplicantIncome", text, PAGE) == number or "e" in text
        else:
            assert read("ApplicantIncome", text, PAGE) in (number, ASK)


@given(AMOUNT, st.sampled_from([",", " ", "\u202f", "'", ""]))
def test_no_text_is_read_as_two_numbers_at_two_doors(number, mark):
    text = f"{number:,.3f}".replace(",", mark)
    meanings = {read("ApplicantIncome", text, door) for door in (PAGE, None)} - {ASK, NO}
    by_files = {read("ApplicantIncome", text, door) for door in (POINT, COMMA)} - {NO, "max_value"}
    assert len(meanings) <= 1
    assert meanings <= by_files


@pytest.mark.parametrize("value", [value for value, _ in SCHEMA.by_column["Credit_History"].choices])
def test_a_label_of_a_choice_is_read_back(value):
    feature = SCHEMA.by_column["Credit_History"]
    assert read("Credit_History", feature.value_text(value), PAGE) == value


def test_five_thousand_digits_are_read_quickly_and_are_too_large():
    assert read("ApplicantIncome", "9" * 5000, None) == "max_value"
    assert math.isfinite(read("ApplicantIncome", "1" + 6 * "0", None))


def printed(feature, value):
    """Yield the texts in which pages, letters and files of this program write a value."""
    yield feature.value_text(value)
    yield feature.value_words(value)
    yield f"{value:.10g}" if isinstance(value, float) else value
    yield str(escape_formula(f"{value:.10g}" if isinstance(value, float) else value))


NUMBERS_OF = {
    "ApplicantIncome": st.integers(0, 10**7),
    "LoanAmount": st.integers(1, 10**6),
    "Loan_Amount_Term": st.integers(1, 600),
}


@given(st.data(), st.sampled_from(sorted(NUMBERS_OF)))
def test_what_this_program_writes_every_door_reads_back_or_asks_about(data, column):
    value = float(data.draw(NUMBERS_OF[column]))
    for text in printed(SCHEMA.by_column[column], value):
        assert read(column, text, PAGE) == value
        assert read(column, text, POINT) == value
        assert read(column, text, None) in (value, ASK)


@pytest.mark.parametrize("column", ["Gender", "Married", "Education", "Credit_History", "Property_Area"])
def test_every_label_that_this_program_writes_is_read_back(column):
    feature = SCHEMA.by_column[column]
    for value, _ in feature.choices:
        assert {read(column, text, door) for text in printed(feature, value) for door in (PAGE, COMMA)} == {
            value
        }
