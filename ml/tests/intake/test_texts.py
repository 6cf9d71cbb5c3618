"""Text files in every form that spreadsheets and people write them in hold the same table."""

import pytest

from ml.errors import DatasetError
from ml.tests.helpers.tables import HEADER, csv_text, training_rows

ROWS = training_rows(3)
GOOD = csv_text(ROWS)
SEMICOLONS = csv_text(ROWS, delimiter=";")
QUOTED = "".join(",".join(f'"{cell}"' for cell in line.split(",")) + "\r\n" for line in GOOD.splitlines())

SAME_LINES = {
    "plain": GOOD,
    "UTF-8 with a mark": b"\xef\xbb\xbf" + GOOD.encode(),
    "UTF-16": GOOD.encode("utf-16"),
    "UTF-16, the other order": b"\xfe\xff" + GOOD.encode("utf-16-be"),
    "UTF-16 without a mark": GOOD.encode("utf-16-le"),
    "UTF-16, the other order, without a mark": GOOD.encode("utf-16-be"),
    "semicolons": SEMICOLONS,
    "tabs": csv_text(ROWS, delimiter="\t"),
    "bars": csv_text(ROWS, delimiter="|"),
    "bare carriage returns": GOOD.replace("\n", "\r"),
    "quoted": QUOTED,
    "trailing delimiters": SEMICOLONS.replace("\n", ";\n"),
    "trailing delimiters of rows only": GOOD.replace("\n", ",,\n").replace(",,\n", "\n", 1),
    "empty last rows": SEMICOLONS + ";" * (len(HEADER) - 1) + "\n;;\n\n",
    "a last row of spaces": GOOD + "  \n",
    "no last newline": GOOD.rstrip("\n"),
}


@pytest.mark.parametrize("content", SAME_LINES.values(), ids=SAME_LINES)
def test_a_table_is_read_alike_in_every_form(plain, content):
    assert plain(content) == GOOD


BELOW = {
    "sep line": (1, "sep=;\r\n" + SEMICOLONS),
    "sep line in capitals": (1, "SEP=;\n" + SEMICOLONS),
    "comments": (2, "# made by hand\n# on Monday; twice\n" + SEMICOLONS),
    "blank lines": (3, "\n\n\r\n" + GOOD),
    "a title": (2, "Applications of November\n\n" + SEMICOLONS),
    "a title over a plain file": (1, "Report of June\n" + GOOD),
    "a title over delimiters": (1, "November" + ";" * 12 + "\n" + SEMICOLONS),
}


@pytest.mark.parametrize(("above", "content"), BELOW.values(), ids=BELOW)
def test_rows_keep_their_lines(plain, understood, above, content):
    assert plain(content) == "\n" * above + GOOD
    assert understood(content).header_row == above + 1


def test_lines_of_blank_and_empty_rows_stay_blank(plain):
    content = GOOD.replace("LP-2", "\n" + "," * (len(HEADER) - 1) + "\nLP-2")
    assert plain(content) == GOOD.replace("LP-2", "\n\nLP-2")


def test_a_line_break_in_a_cell_keeps_the_lines_below(plain):
    text = csv_text([row | {"Note": "two\nlines"} for row in ROWS], (*HEADER, "Note"))
    lines = plain(text).splitlines()
    assert (lines[1].endswith("two lines"), lines[2], lines[3].split(",")[0]) == (True, "", "LP-2")


def test_windows_1252_is_read_where_nothing_else_fits_and_said_so(plain, understood):
    content = GOOD.replace("LP-2", "LP-é").encode("cp1252")
    assert plain(content) == GOOD.replace("LP-2", "LP-é")
    assert understood(content).notes == ["Read as Windows-1252."]


@pytest.mark.parametrize(
    "content", [b"\xef\xbb\xbfLoan_ID\n\xe9", "Größe,é\n".encode() + b"\xe9,1", b"\x81,\xff"]
)
def test_damaged_utf_8_is_not_read_as_windows_1252(understood, content):
    with pytest.raises(DatasetError, match=r"line \d, value .*: UTF-8 text is expected"):
        understood(content)


@pytest.mark.parametrize("start", [0, 1])
def test_an_index_column_is_left_out_and_said_so(plain, understood, start):
    rows = [row | {"": str(number)} for number, row in enumerate(ROWS, start)]
    content = csv_text(rows, ("", *HEADER))
    assert plain(content) == GOOD
    assert understood(content).notes == ["Column 1 has no heading and only counts the rows; it is left out."]


REFUSED = {
    "ragged": (GOOD + "LP-9,Male\n", "line 5: 13 cells are expected, as in the header, not 2"),
    "too long": (GOOD + "LP-9" + ",1" * 30, "line 5: 13 cells are expected, as in the header, not 31"),
    "NUL": (GOOD.replace("LP-2", "LP\x002"), "line 3: text without NUL characters is expected"),
    "blank heading": (
        csv_text([row | {"": "x"} for row in ROWS], (*HEADER, "")),
        "line 2, value 'x': a heading is expected in line 1 above the values of column 14",
    ),
    "blank heading over an enormous number": (
        csv_text([row | {"": "9" * 4400} for row in ROWS], ("", *HEADER)),
        "line 2, value '9+': a heading is expected in line 1 above the values of column 1",
    ),
    "repeated heading": (csv_text(ROWS, ("Gender", *HEADER)), "line 1: the column 'Gender' appears 2 times"),
    "two headings": (csv_text(ROWS, ("gender", *HEADER)), "line 1: the columns 'gender', 'Gender' all mean"),
    "enormous cell": (GOOD.replace("LP-2", "x" * 10**7), "line 3: .*(field limit|characters are expected)"),
    "enormous quoted cell": (GOOD.replace("LP-2", '"' + "x\n" * 10**6 + '"'), "field limit"),
    "empty": ("", "a row of headings is expected; the file is empty"),
    "header only": (",".join(HEADER), "line 2: at least one row is expected"),
    "foreign": ("a,b\n1,2\n", "line 1: the column Loan_ID is missing"),
    "open quote": (GOOD.replace("LP-2", '"LP-2'), "line 3: 13 cells are expected"),
}


@pytest.mark.parametrize(("content", "message"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_is_no_table_is_refused_with_its_line(understood, content, message):
    with pytest.raises(DatasetError, match=message):
        understood(content)


def test_a_column_that_no_heading_means_is_carried_along(plain):
    rows = [row | {"Branch": "4"} for row in ROWS]
    assert plain(csv_text(rows, ("Branch", *HEADER), ";")) == csv_text(rows, ("Branch", *HEADER))


@pytest.mark.parametrize(
    "content", [GOOD, GOOD.replace("\n", "\r\n"), SEMICOLONS, QUOTED, b"\xef\xbb\xbf" + GOOD.encode()]
)
def test_a_plain_file_is_used_as_it_is(understood, content):
    assert understood(content).is_plain


@pytest.mark.parametrize("many", [GOOD, SEMICOLONS.replace(".0", "")], ids=["commas", "semicolons"])
def test_the_rows_of_a_large_plain_file_are_not_walked(understood, many):
    header, rows = many.split("\n", 1)
    understanding = understood(f"{header}\n" + rows * 1000)
    assert (understanding.is_plain, understanding.rows) == (True, None)


def test_a_first_row_longer_than_the_head_is_walked(understood):
    content = csv_text([row | {"Note": "x" * (1 << 16)} for row in ROWS], (*HEADER, "Note"))
    assert understood(content).rows == len(ROWS)


@pytest.mark.parametrize("late", ['"LP-2","Male"', "LP-2,Mäle", "," * 12])
def test_what_stands_far_down_in_a_large_file_is_seen(understood, late):
    header, rows = GOOD.split("\n", 1)
    content = f"{header}\n{rows * 1000}{late}{',1' * (12 - late.count(','))}\n{rows}"
    assert understood(content.encode("cp1252")).rows is not None


WIDER = csv_text([row | {"Branch": "4"} for row in ROWS], (*HEADER, "Branch"))


def test_files_of_one_shape_and_equal_files_are_recognised(understood):
    assert understood(GOOD).shape == understood(SEMICOLONS).shape != understood(WIDER).shape
    assert understood(GOOD, "a.csv").digest == understood(GOOD, "b.csv").digest != understood(QUOTED).digest


def test_one_error_among_the_ids_of_a_text_file_is_refused(previewed):
    rows = training_rows(5)
    rows[3]["Loan_ID"] = "#WERT!"
    seen = previewed(csv_text(rows))
    assert [(fault.line, fault.column) for fault in seen.faults] == [(5, "Loan_ID")]
    assert "not an error of the spreadsheet" in seen.rows[3].cells[0].fault
