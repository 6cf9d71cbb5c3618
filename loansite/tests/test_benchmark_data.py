"""Benchmarks send rows as awkward as real data: gaps, decimals, and known, new and random Loan_IDs."""

import json
from collections import Counter

from benchmarks.data import applications
from benchmarks.data.loan_ids import LoanIds

KINDS = {"LP": "known", "NW": "new"}


def test_loan_ids_of_a_call_are_known_new_and_random_in_equal_shares_and_none_comes_twice():
    for loan_ids in (LoanIds(1_000_000).take(1_000) for _ in range(3)):
        shares = Counter(KINDS.get(loan_id[:2], "random") for loan_id in loan_ids)
        assert sorted(shares.values()) == [333, 333, 334]
        assert len(set(loan_ids)) == 1_000


def test_known_loan_ids_come_again_from_call_to_call():
    ids = LoanIds(30_000)
    known = [loan_id for _ in range(90) for loan_id in ids.take(1_000) if loan_id.startswith("LP")]
    assert len(known) > len(set(known)) == 20_000


def test_rows_have_gaps_and_decimals_and_loan_ids_of_their_own_in_each_request():
    body, ids = applications.array(1_000), LoanIds(10_000)
    first, second = (json.loads(applications.filled(body, ids)) for _ in range(2))
    assert sum(None in row.values() for row in first) > 100
    assert any(row["CoapplicantIncome"] % 1 for row in first)
    assert {row["Loan_ID"] for row in first} != {row["Loan_ID"] for row in second}
