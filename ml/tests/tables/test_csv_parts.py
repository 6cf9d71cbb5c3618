"""Parts of a CSV file, each read alone, hold the rows of the whole file."""

import pytest

from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import LOAN_ID
from ml.tables import csv_stream
from ml.tables.block_reader import BlockReader, records_of
from ml.tables.csv_stream import CsvStream
from ml.tables.row_faults import read_row
from ml.tests.helpers.tables import csv_text, training_rows

SCHEMA = built_in()

ROWS = training_rows(30)
GOOD = csv_text(ROWS)
CONTENTS = {
    "plain": GOOD,
    "quotes": GOOD.replace("LP-7,", '"LP-7",'),
    "quoted newline": GOOD.replace("LP-7,", '"LP\n7",'),
    "blank line": GOOD.replace("LP-7,", "\nLP-7,"),
    "bare carriage returns": GOOD.replace("\n", "\r"),
    "decimals and gaps": GOOD.replace("130.0", "", 1)
    .replace("1500.0", "1500.5", 2)
    .replace("1.0,Urban", ",Urban", 1),
}
every_content = pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)


@pytest.fixture
def path(tmp_path, content):
    place = tmp_path / "in.csv"
    place.write_bytes(content.encode())
    return place


def rows_of(block):
    """Return the line and the cells of each row."""
    return [
        (line, {name: cells[place] for name, cells in block.columns.items()})
        for place, line in enumerate(block.lines)
    ]


@every_content
@pytest.mark.parametrize("size", [1, 300, 1 << 16])
def test_a_part_that_is_read_alone_has_its_rows_and_lines(path, size):
    walked = list(csv_stream.iter_parts(SCHEMA, "in.csv", path, size))
    for part, block in walked:
        assert rows_of(csv_stream.read_part(SCHEMA, "in.csv", path, part)) == rows_of(block)
        assert (part.first_line, part.rows) == (block.lines[0], len(block.lines))
    assert sum(part.rows for part, _ in walked) == len(ROWS)


@every_content
@pytest.mark.parametrize("size", [300, 1 << 16])
def test_a_chunk_without_its_text_reads_it_from_the_file(path, size):
    with path.open("rb") as file:
        blocks = [chunk.block() for chunk in CsvStream(SCHEMA, "in.csv", file, size).placed_chunks(path)]
    with path.open("rb") as file:
        expected = list(CsvStream(SCHEMA, "in.csv", file, size).blocks())
    assert [rows_of(block) for block in blocks if block] == [rows_of(block) for block in expected]


@every_content
def test_good_rows_become_the_records_of_the_careful_reader(path):
    for _, block in csv_stream.iter_parts(SCHEMA, "in.csv", path, 300):
        found = BlockReader(SCHEMA)(block)
        singly = {row[LOAN_ID]: read_row(SCHEMA, line, row)[0] for line, row in rows_of(block)}
        records = records_of(SCHEMA, found.loan_ids, found.columns)
        assert records == [record for record in singly.values() if record is not None]
