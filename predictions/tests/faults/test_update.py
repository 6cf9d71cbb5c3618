"""An update while the earlier version still writes: it ends whole, or says why not and can be run again."""

import pytest

from predictions.tests.faults import databases
from predictions.tests.faults.earlier import SCHEMA, Earlier

ROWS = 2_000
FILLED = "0021"  # rows are filled, and earlier writers may still store some that are not
LOAN_IDS = "SELECT loan_id FROM predictions_prediction WHERE loan_id <> 'LP001015'"
AS_ARRAYS = "SELECT COUNT(*) FROM predictions_prediction WHERE CAST(inputs AS TEXT) LIKE '[%'"
BY_NAME = (
    "SELECT a.loan_id FROM predictions_prediction p JOIN predictions_applicant a ON a.id = p.applicant_id"
)
BY_APPLICANT = f"{BY_NAME} WHERE a.loan_id <> 'LP001015' AND CAST(p.inputs AS TEXT) LIKE '%Loan_ID%'"


@pytest.fixture
def earlier(site, token):
    made = Earlier(site, token)
    made.store(ROWS)
    return made


def check(site, earlier):
    """Each row that an earlier writer was told is stored has its Loan_ID and an array, once."""
    found = [loan_id for (loan_id,) in site.query(LOAN_IDS)]
    assert len(found) == len(set(found))
    assert earlier.stored <= set(found)
    assert site.query(AS_ARRAYS) == [(len(found) + 1,)]


def test_the_readmes_update_ends_whole_though_the_earlier_version_still_writes(site, earlier, say):
    with earlier.writing():
        site.manage("prepare")
    check(site, earlier)
    say(f"update with writers of the earlier version: {len(earlier.stored) - ROWS:,} rows came meanwhile")


@pytest.mark.parametrize("target", [SCHEMA, "predictions"])
def test_an_update_that_stopped_after_filling_goes_on_or_back(site, earlier, target):
    with earlier.writing():
        site.manage("migrate", "predictions", FILLED)
        if target == SCHEMA:
            site.manage("migrate", "predictions", SCHEMA)
    if target == SCHEMA:
        assert earlier.stored <= {loan_id for (loan_id,) in site.query(BY_APPLICANT)}
    site.manage("migrate")
    check(site, earlier)


def test_an_update_that_finds_a_table_in_use_says_so_and_can_be_run_again(site, earlier):
    site.manage("migrate", "predictions", FILLED)
    with databases.connection(site.database, site.var / "db.sqlite3") as other:
        other.execute("BEGIN" if site.database else "BEGIN IMMEDIATE")
        other.execute("UPDATE predictions_prediction SET source = source")
        stopped = site.run("manage.py", "migrate", "--wait", "1")
    assert stopped.returncode == 1
    assert stopped.stderr.startswith("CommandError: ")
    assert "run this command again" in stopped.stderr
    site.manage("migrate")
    check(site, earlier)
