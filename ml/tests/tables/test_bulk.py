"""Blocks of a CSV are read, checked and scored as its rows are one by one."""

import csv
import hashlib
import io
import itertools
import math
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ml.applications.records import columns_of
from ml.errors import DatasetError
from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import LOAN_ID
from ml.tables.block_reader import BlockReader
from ml.tables.csv_stream import CellBlock, CsvStream
from ml.tables.plain_block import PlainBlock
from ml.tables.row_faults import read_row
from ml.tests.helpers.strategies import applications, text
from ml.tests.helpers.tables import HEADER, csv_text, training_rows

SCHEMA = built_in()

ROWS = training_rows(30)
GOOD = csv_text(ROWS)
_spellings = st.sampled_from(
    [
        " 1",
        "+5720",
        "5720.",
        ".5",
        "1e3",
        "1_000",
        "٣",
        "-0",
        "NA",
        "nan",
        "0.0",
        "3",
        "#N/A",
        "#WERT!",
        "Err:502",
    ]
)
_cells = text | _spellings | st.sampled_from([f"{value}" for f in SCHEMA.features for value in f.values])
_rows = st.builds(
    lambda row, changes: {name: "" if value is None else f"{value}" for name, value in row.items()} | changes,
    applications(),
    st.dictionaries(st.sampled_from([LOAN_ID, *SCHEMA.columns]), _cells, max_size=2),
)


def stream_of(content, **size):
    content = content if isinstance(content, bytes) else content.encode()
    return CsvStream(SCHEMA, "in.csv", io.BufferedReader(io.BytesIO(content)), **size)


def rows_of(content, **size):
    """Line and cells of each row."""
    blocks = list(stream_of(content, **size).blocks())
    for block in blocks:
        assert {len(cells) for cells in block.columns.values()} == {len(block.lines)}
    return [
        (line, {name: cells[place] for name, cells in block.columns.items()})
        for block in blocks
        for place, line in enumerate(block.lines)
    ]


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + GOOD,
        csv_text(ROWS, delimiter=";"),
        csv_text(ROWS, delimiter="\t"),
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        GOOD.rstrip("\n"),
        GOOD.replace("LP-7,", '"LP-7",'),
    ],
    ids=["mark", "semicolon", "tab", "CRLF", "CR", "no last newline", "quotes"],
)
@pytest.mark.parametrize("size", [1, 100, 1 << 16])
def test_one_table_is_read_alike_however_it_is_written_and_cut(content, size):
    assert rows_of(content, block=size) == [(line, row) for line, row in enumerate(ROWS, 2)]


def test_lines_are_counted_through_quoted_newlines_and_blank_lines():
    content = GOOD.replace("LP-2,", '"LP\n\n2",').replace("LP-4,", "\nLP-4,")
    lines = {row[LOAN_ID]: line for line, row in rows_of(content, block=1)}
    assert (lines["LP\n\n2"], lines["LP-3"], lines["LP-4"], lines["LP-5"]) == (3, 6, 8, 9)


@given(st.lists(st.lists(st.text('ab,"\r\n ', max_size=5), min_size=12, max_size=13), min_size=1, max_size=4))
def test_rows_are_those_of_the_csv_module(rows):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([HEADER, *rows])
    expected = [row for row in csv.reader(io.StringIO(text.getvalue(), newline="")) if row][1:]
    try:
        found = [list(row.values()) for _, row in rows_of(text.getvalue())]
    except DatasetError:
        assert {len(row) for row in expected} != {len(HEADER)}
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", r"line 1: the column Loan_ID is missing"),
        (csv_text([]), r"line 2: at least one row"),
        (GOOD + "LP-31,Male\n", r"line 32: 13 cells are expected, as in the header, not 2"),
        (GOOD.replace("LP-5,", "LP-5,,"), r"line 6: 13 cells are expected, as in the header, not 14"),
        (GOOD.replace("Gender", "Married", 1), r"'Married' appears 2 times"),
        (GOOD.replace("Gender", "married", 1), r"the columns 'married', 'Married' all mean Married"),
        (GOOD.replace("LP-7,", "LP\0,"), r"line 8: text without NUL"),
        (GOOD.replace("LP-7,", "LP-\xe9,").encode("latin-1"), r"line 8, value .*UTF-8"),
        (GOOD.replace("LP-7,", '"' + "x" * 1_500_000), r"line 8: lines of at most 131,072 bytes"),
        (GOOD.replace("LP-7,", '"' + "x\n" * 100_000), r"field larger than field limit"),
        (b"PK\x03\x04\x00", r"a zip archive or a workbook"),
        (b"\x1f\x8b\x08\x00", r"gzip"),
    ],
)
def test_a_file_of_bad_form_is_refused_with_its_line(content, fault):
    with pytest.raises(DatasetError, match=fault):
        rows_of(content)


@pytest.mark.parametrize("heading", ["", "Note"])
def test_a_column_of_another_name_is_carried_along(heading):
    stream = stream_of(GOOD.replace("Loan_Status", heading, 1))
    assert stream.further == [heading]
    assert [block.columns[heading][0] for block in stream.blocks()] == ["Y"]


def test_the_digest_is_that_of_the_file():
    stream = stream_of(GOOD)
    list(stream.blocks())
    assert stream.digest.hexdigest() == hashlib.sha256(GOOD.encode()).hexdigest()


def plain(columns):
    """Columns as lists, ``None`` for a gap."""
    return {
        name: [None if isinstance(value, float) and math.isnan(value) else value for value in cells]
        for name, cells in columns.items()
    }


def assert_checked_as_singly(rows, found):
    singly = [read_row(SCHEMA, line, row) for line, row in rows]
    good = [record for record, _ in singly if record is not None]
    assert [refusal.faults for refusal in found.refused] == [faults for _, faults in singly if faults]
    assert list(found.loan_ids) == [record.loan_id for record in good]
    if good:
        assert plain(found.columns) == plain(columns_of(SCHEMA, good))


@given(st.lists(_rows, min_size=1, max_size=5))
def test_a_block_is_checked_as_its_rows_are_field_by_field(rows):
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    numbered = list(enumerate(rows, 2))
    assert_checked_as_singly(
        numbered, BlockReader(SCHEMA)(CellBlock([line for line, _ in numbered], columns))
    )


_WIDE = {ord(mark): None for mark in '",\r\n\0'} | dict.fromkeys(range(0xD800, 0xE000))


@given(st.lists(_rows, min_size=1, max_size=4), st.sampled_from(["\n", "\r\n"]))
def test_a_plain_block_is_checked_as_its_rows_are_field_by_field(rows, end):
    rows = [{name: cell.translate(_WIDE) for name, cell in row.items()} for row in rows]
    content = csv_text(rows, header=[LOAN_ID, *SCHEMA.columns]).replace("\n", end)
    (block,) = stream_of(content).blocks()
    assert isinstance(block, PlainBlock)
    assert_checked_as_singly(list(enumerate(rows, 2)), BlockReader(SCHEMA)(block))


@pytest.mark.parametrize("ends", [["\n"], ["\r\n"], ["\r\n", "\n"]], ids=["LF", "CRLF", "both"])
def test_texts_of_any_length_are_read_whole(ends):
    texts = ["x" * length for length in (0, 1, 8, 9, 16, 63, 64, 65, 200)]
    for longest in range(2, len(texts) + 1):
        lines = csv_text([ROWS[0] | {LOAN_ID: text} for text in texts[:longest]]).splitlines()
        content = "".join(map(str.__add__, lines, itertools.cycle(ends)))
        (block,) = stream_of(content).blocks()
        assert isinstance(block, PlainBlock)
        assert block.cells(LOAN_ID) == block.columns[LOAN_ID] == texts[:longest]


@pytest.mark.parametrize("name", ["ApplicantIncome", "LoanAmount", "Loan_Amount_Term", "Credit_History"])
@given(
    digits=st.integers(0, 10**9).map(str)
    | st.text("0123456789./:+-", max_size=10)
    | st.integers(0, 700).map(lambda number: f"{number}.0")
    | st.decimals(0, 10**7, places=6, allow_nan=False).map(lambda number: f"{number.normalize():f}"[:12])
    | st.decimals(0, 10**6, places=2, allow_nan=False).map(lambda number: f"{number:f}")
)
def test_a_number_read_by_its_bytes_is_the_one_that_its_text_means(name, digits):
    row = training_rows(1)[0] | {name: digits}
    (block,) = stream_of(csv_text([row, training_rows(2)[1]])).blocks()
    assert_checked_as_singly([(2, row), (3, training_rows(2)[1])], BlockReader(SCHEMA)(block))


def values_read(cells):
    """Each cell's number by its bytes, to the last bit."""
    rows = [
        row | {"CoapplicantIncome": cell} for row, cell in zip(training_rows(len(cells)), cells, strict=True)
    ]
    (block,) = stream_of(csv_text(rows)).blocks()
    return [*map(repr, block.values(SCHEMA)["CoapplicantIncome"].tolist())]


@given(
    st.lists(st.decimals(0, 10**7, allow_nan=False, places=7) | st.decimals(0, 99_999, places=2), min_size=1)
)
@example([Decimal("985.7999878"), Decimal("16.12000084"), Decimal(0)])
def test_decimals_are_the_doubles_that_python_reads(decimals):
    cells = [f"{decimal:f}"[:length] for decimal in decimals for length in (4, 7, 8, 9, 20)]
    assert values_read(cells) == [repr(float(cell)) for cell in cells]


@pytest.mark.parametrize(
    "cell", ["5.", ".5", "0.5", "1234567.", ".1234567", "+1.5", " 7 ", "00.10", "-0", "1.0000000"]
)
def test_a_number_spelt_otherwise_leaves_its_block_quick(cell):
    assert values_read(["0", cell]) == ["0.0", repr(float(cell) + 0.0)]


@pytest.mark.parametrize(
    "cell", [".", "..", "1.2.3", "1,5", "-1.5", "1.5e3", "12345678.9", "1_0.5", "", "nan"]
)
def test_a_cell_that_is_no_number_is_left_to_the_careful_reader(cell):
    row = training_rows(1)[0] | {"CoapplicantIncome": cell.replace(",", ";")}
    (block,) = stream_of(csv_text([row])).blocks()
    assert block.values(SCHEMA) is None


def test_common_spellings_are_read_by_their_bytes():
    rows = [row | {"LoanAmount": "128.0", "Credit_History": "1.0", "Gender": ""} for row in ROWS]
    (block,) = stream_of(csv_text(rows)).blocks()
    assert block.values(SCHEMA)["LoanAmount"].tolist() == [128.0] * 30
