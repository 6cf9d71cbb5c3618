"""What a Loan_ID may be."""

import pytest

from ml.applications.spellings import loan_id_from_cell, loan_id_from_text
from ml.applications.values import loan_id_from_json
from ml.errors import InvalidValue

# In English, German, French and Spanish, by Excel and by LibreOffice.
ERRORS = ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!"]
ERRORS += [
    "#NV",
    "#BEZUG!",
    "#WERT!",
    "#ZAHL!",
    "#VALEUR!",
    "#NOM?",
    "#NOMBRE!",
    "#¡VALOR!",
    "#¿NOMBRE?",
    "#N/D",
]
ERRORS += ["Err:502", "Fehler:508", "Err :522"]


@pytest.mark.parametrize("read", [loan_id_from_text, loan_id_from_cell])
@pytest.mark.parametrize("text", ERRORS)
def test_an_error_of_a_spreadsheet_is_no_id(read, text):
    with pytest.raises(InvalidValue, match="An ID is expected, not an error of the spreadsheet"):
        read(f" {text} ")


@pytest.mark.parametrize("text", ["#17", "#A-12", "#", "LP#REF!", "#ref", "Err:12", "B:512", "NV"])
def test_an_id_may_have_a_hash_or_a_colon(text):
    assert loan_id_from_text(text) == text


def test_a_program_may_send_any_visible_text_as_an_id():
    assert loan_id_from_json("#N/A") == "#N/A"
