"""A file may have blank lines above its headings."""

import io

import pytest

from ml.products.loan_prediction.schema import built_in
from ml.tables.csv_stream import CsvStream, iter_parts, read_part
from ml.tests.helpers.tables import csv_text, training_rows

GOOD = csv_text(training_rows(3))


@pytest.mark.parametrize("start", [b"\n\n", b"\r\n\r\n", b"\xef\xbb\xbf\n\n"])
def test_lines_count_from_the_start_of_the_file(start):
    file = io.BufferedReader(io.BytesIO(start + GOOD.encode()))
    (block,) = CsvStream(built_in(), "in.csv", file).blocks()
    assert [*block.lines] == [4, 5, 6]


def test_a_part_below_is_read_alone(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("\n\n" + GOOD)
    *_, (part, block) = iter_parts(built_in(), "in.csv", path, 1)
    assert [*read_part(built_in(), "in.csv", path, part).lines] == [*block.lines] == [6]
