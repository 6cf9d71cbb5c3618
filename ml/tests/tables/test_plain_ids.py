"""IDs that are checked and written as bytes."""

import numpy as np
import pytest

from ml.products.loan_prediction.schema import built_in
from ml.tables.block_reader import BlockReader
from ml.tables.plain_block import PlainBlock
from ml.tables.plain_ids import PlainIds

SCHEMA = built_in()
HEADER = ("Loan_ID", "LoanAmount")


def read(*loan_ids):
    """Return the checked IDs of a plain block with these Loan_IDs."""
    content = "".join(f"{loan_id},1\n" for loan_id in loan_ids).encode()
    return PlainBlock.of(2, content, HEADER, ",").plain_ids("Loan_ID")


@pytest.mark.parametrize("loan_ids", [["LP1"], ["a", "Z09", "LP001002LP001002"], ["9" * 64]])
def test_letters_and_digits_are_read_as_they_are(loan_ids):
    ids = read(*loan_ids)
    assert [*ids] == [ids[row] for row in range(len(ids))] == loan_ids
    assert ids.encoded == [loan_id.encode() for loan_id in loan_ids]


@pytest.mark.parametrize("other", ["", "-1", "'A", "a b", "=A", "\u00e9", "A" * 65, "a\tb", "LP-1"])
def test_one_other_id_leaves_all_to_the_careful_reader(other):
    assert read("LP1", other) is None


def test_no_ids_are_an_empty_sequence():
    assert not [*PlainIds([])]
    assert not len(PlainIds.of(np.zeros((0, 8), np.uint8)))


def test_rows_of_the_reader_have_the_same_ids_either_way():
    names = ("Loan_ID", *SCHEMA.columns)
    rows = "{},Male,No,0,Graduate,No,5000,0,100,360,1,Urban\n"
    quick, careful = (
        BlockReader(SCHEMA)(PlainBlock.of(2, (rows.format("LP1") + rows.format(other)).encode(), names, ","))
        for other in ("LP2", "LP-2")
    )
    assert isinstance(quick.loan_ids, PlainIds)
    assert [*quick.loan_ids, *careful.loan_ids] == ["LP1", "LP2", "LP1", "LP-2"]
