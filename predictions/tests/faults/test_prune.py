"""A prune dies: it leaves nothing that hangs on what is gone, and the next one finishes."""

import signal

import pytest

from predictions.tests.conftest import APPLICATION
from predictions.tests.faults import doomed
from predictions.tests.faults.caller import V1, Caller
from predictions.tests.faults.site import DOOMED

OLD, YOUNG = 4_500, 500  # two transactions and a half
LONG_AGO = "UPDATE predictions_prediction SET created_at = '2020-01-01 00:00:00'"
KEYS_LONG_AGO = "UPDATE predictions_keptanswer SET at = '2020-01-01 00:00:00'"
IDS = "SELECT id FROM predictions_prediction ORDER BY id"
HANGING = ["notice", "claim", "decision", "referral"]  # on a prediction
UNSHARED = """
    SELECT COUNT(*) FROM predictions_explanation e
    WHERE NOT EXISTS (SELECT 1 FROM predictions_prediction p WHERE p.explanation_id = e.id)
"""


def orphans(site):
    """Rows without what they hang on, by table."""
    gone = {
        table: f"SELECT COUNT(*) FROM predictions_{table} c "  # noqa: S608
        "LEFT JOIN predictions_prediction p ON p.id = c.prediction_id WHERE p.id IS NULL"
        for table in HANGING
    }
    gone["explained"] = (
        "SELECT COUNT(*) FROM predictions_prediction p LEFT JOIN predictions_explanation e "
        "ON e.id = p.explanation_id WHERE e.id IS NULL"
    )
    return {name: found for name, sql in gone.items() if (found := site.query(sql)[0][0])}


def score(caller, name, number, **changes):
    """Store so many predictions, and return their ids."""
    rows = [APPLICATION | changes | {"Loan_ID": f"{name}{row}"} for row in range(number)]
    reply = caller.post(f"{V1}/predictions/", rows, f"key {name}")
    assert reply.status == 200, reply
    return [scored["id"] for scored in reply.document["predictions"]]


@pytest.fixture
def young(site, token):
    """The ids of the young predictions; beside them are old ones with a decision, and an old key."""
    with site.web() as (_, port), Caller(port, token) as caller:
        old = score(caller, "old", OLD, ApplicantIncome=1000, Credit_History=0)
        for pk in old[::500]:
            made = caller.post(
                f"{V1}/predictions/{pk}/decisions/",
                {"verdict": "denied", "code": "other", "note": "It is known."},
            )
            assert made.status == 201, made
        young = score(caller, "young", YOUNG)
    site.change(f"{LONG_AGO} WHERE id <= {max(old)}", KEYS_LONG_AGO)
    return young


@pytest.mark.parametrize("point", doomed.PRUNE)
def test_a_killed_prune_leaves_no_orphan_and_the_next_one_finishes(site, young, say, point):
    died = site.run(*DOOMED, point, "SIGKILL", "prune")
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert orphans(site) == {}
    left = len(site.query(IDS))
    site.manage("prune")
    assert orphans(site) == {}
    assert [pk for (pk,) in site.query(IDS)] == young
    assert site.query(UNSHARED) == [(0,)]
    assert site.query("SELECT COUNT(*) FROM predictions_keptanswer") == [(0,)]
    say(f"prune killed {point}: {left:,} predictions were left, {len(young):,} after the next, no orphan")
