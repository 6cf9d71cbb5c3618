"""A table whose columns no schema describes yet is read as any file of a person."""

import pytest

from ml.applications.number_texts import Convention
from ml.errors import DatasetError
from ml.intake.alone import TwoMeanings
from ml.intake.understanding import Wishes
from ml.intake.unknown_columns import read_unknown
from ml.tests.helpers.workbooks import DATE, NOT_AVAILABLE, xlsx

GERMAN = "Alter;Betrag;Stand\n41;1.250,50;ja\n29;4.100;nein\n"


@pytest.fixture
def read(tmp_path):
    """Return a function that reads the content of a file as plain CSV."""

    def read(content, **wishes):
        path = tmp_path / "table.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_unknown(path.name, path, Wishes(**wishes)).content.decode()

    return read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_numbers_are_read_by_the_mark_that_the_file_proves(read, encoding):
    content = GERMAN.replace("Stand", "Bestätigt").encode(encoding)
    assert read(content) == "Alter,Betrag,Bestätigt\n41,1250.50,ja\n29,4100,nein\n"


def test_numbers_with_two_meanings_are_refused_until_the_mark_is_given(read):
    content = GERMAN.replace("1.250,50", "1.250")
    with pytest.raises(
        TwoMeanings, match=r"line 2, column Betrag, value '1\.250': 1\.250 or 1250 may be meant"
    ):
        read(content)
    assert "41,1250,ja" in read(content, decimal=Convention.COMMA)
    assert read(content, decimal=Convention.POINT) == content


def test_a_number_of_the_other_mark_is_refused(read):
    with pytest.raises(
        DatasetError, match=r"line 2, column Betrag.*a number with a decimal point is expected"
    ):
        read(GERMAN, decimal=Convention.POINT)


def test_plain_tables_are_not_written_anew(read):
    plain = 'age,name,amount\n41,"Doe, Jane",1250.5\n'
    assert read(plain) == plain


def test_a_workbook_keeps_its_rows_and_passes_over_a_title(read):
    sheet = [["Loans of 2024"], [], ["No", "Amount", "Begun"], ["a1", 1250.5, DATE], ["a2", 70000, DATE]]
    expected = "\n\nNo,Amount,Begun\na1,1250.5,2024-05-06\na2,70000,2024-05-06\n"
    assert read(xlsx(Cover=[["x"]], Loans=sheet), sheet="Loans") == expected


COVER = [["Loans of 2024", "made by"], ["for the model", "Anna"], ["checked", "2024-05-06"]]
LOANS = [["age", "result"], *([f"{number}", "ja"] for number in range(20))]


def test_a_cover_is_passed_over_and_said(tmp_path):
    path = tmp_path / "book.xlsx"
    path.write_bytes(xlsx(Cover=COVER, Loans=LOANS, Notes=[["x"]]))
    table = read_unknown(path.name, path, Wishes())
    assert table.content.startswith(b"age,result\n0,ja\n")
    assert (table.sheet, table.sheets) == ("Loans", ["Cover", "Loans", "Notes"])
    assert table.notes == [
        "The first sheet is no such table; this one is read.",
        "Sheet 'Loans' is read, one of 3 sheets.",
        "Other sheets: 'Cover', 'Notes'.",
    ]


def test_the_sheet_with_a_wanted_heading_is_read(tmp_path):
    path = tmp_path / "book.xlsx"
    path.write_bytes(xlsx(Branches=LOANS, Loans=[["age", "paid"], *LOANS[1:]]))
    assert read_unknown(path.name, path, Wishes()).sheet == "Branches"
    assert read_unknown(path.name, path, Wishes(), heading="paid").sheet == "Loans"
    assert read_unknown(path.name, path, Wishes(), heading="town").sheet == "Branches"


def test_texts_with_a_comma_stay_texts(read):
    table = "town;note;amount\nUlm;1,5 years;3\nBonn;seldom, if ever;4,5\n"
    assert read(table) == 'town,note,amount\nUlm,"1,5 years",3\nBonn,"seldom, if ever",4.5\n'


def test_empty_columns_at_the_end_are_left_out(read):
    assert read("age,amount,,\n41,1250.5,,\n29,70,,\n") == "age,amount\n41,1250.5\n29,70\n"


def test_a_row_of_data_longer_than_its_headings_is_not_taken_for_them(read):
    with pytest.raises(DatasetError, match="line 2: 3 cells are expected, as in the header, not 5"):
        read("no;price;result\n1;1000;repaid;note;x\n2;1007;lost;note;x\n")


@pytest.mark.parametrize("text", ["#REF!", "#WERT!", "#NOM?", "#¡VALOR!", "Err:502"])
def test_an_error_of_a_spreadsheet_is_no_value(read, text):
    with pytest.raises(DatasetError, match=r"line 3, column town.*not an error of the spreadsheet"):
        read(f"age,town\n41,Ulm\n29,{text}\n")


def test_an_error_in_a_cell_of_a_sheet_is_no_value(read):
    with pytest.raises(DatasetError, match=r"line 2, column town.*not an error of the spreadsheet"):
        read(xlsx([["age", "town"], [41, NOT_AVAILABLE]]))


@pytest.mark.parametrize("last", ["29", "29,Bonn,x", '"29"'])
def test_a_row_of_another_length_is_refused(read, last):
    with pytest.raises(DatasetError, match=r"line 3.*2 cells are expected, as in the header, not [13]"):
        read(f"age,town\n41,Ulm\n{last}\n")


def test_empty_rows_and_cells_at_the_end_are_left_out(read):
    assert read("age,town\n41,Ulm\n,\n29,Bonn,,\n") == "age,town\n41,Ulm\n\n29,Bonn\n"


def test_a_hash_may_stand_in_a_value(read):
    assert read(table := "age,town\n41,#17\n29,#N/A\n") == table
