"""Web workers die, or the site ends: what was answered is stored, once, and what was taken is answered."""

import os
import signal
from collections import Counter

from predictions.tests.faults.load import ARRAY, KEYED, UNKEYED, Kind, Load
from predictions.tests.faults.processes import PATIENCE, children, until

KILLS, ENDS = 20, 5
CALLS = 60  # between two kills
STORED = "SELECT loan_id, id FROM predictions_prediction"


def more_calls(load):
    """Wait until so many more were answered."""
    enough = load.calls + CALLS
    until(lambda: load.calls >= enough or load.other)


def kill_one(master, turn):
    """Kill a web worker and wait for the next."""
    victim = children(master.pid)[turn % 2]
    os.kill(victim, signal.SIGKILL)
    until(lambda: victim not in (left := children(master.pid)) and len(left) == 2)


def not_answered(load, stored):
    """How many rows of each unanswered call are stored all the same."""
    return {call: sum(loan_id in stored for loan_id in call.loan_ids) for call in load.unanswered}


def test_what_was_answered_is_stored_once_though_workers_are_killed(site, program, say):
    with site.web() as (master, port):
        load = Load(port, program, KEYED + UNKEYED)
        with load.running():
            for turn in range(KILLS):
                more_calls(load)
                kill_one(master, turn)
            more_calls(load)
    assert load.other == []
    rows = site.query(STORED)
    stored = dict(rows)
    assert len(rows) == len(stored)  # one a Loan_ID, whatever was sent again
    assert load.answered.items() <= stored.items()
    whole = not_answered(load, stored)
    assert all(found in (0, call.kind.rows) for call, found in whole.items())  # arrays too: all or nothing
    assert len(stored) == len(load.answered) + sum(whole.values())
    broken = Counter(call.kind.keyed for call in load.broken + load.cut)
    assert broken[True]  # or nothing was ever sent again
    say(
        f"{KILLS} web workers killed: {load.calls:,} calls answered ({len(load.answered):,} rows, arrays of "
        f"{ARRAY}), {broken.total()} broken ({broken[True]} sent again with their key); "
        f"{len(stored):,} rows stored, none lost, none twice"
    )


def test_no_call_that_was_taken_is_broken_when_the_site_ends(site, program, say):
    calls, untaken, answered = 0, 0, {}
    for end in range(ENDS):
        with site.web() as (master, port):
            load = Load(port, program, UNKEYED, f"end{end}-")
            with load.running():
                more_calls(load)
                master.send_signal(signal.SIGTERM)
                assert master.wait(PATIENCE) == 0
        assert (load.cut, load.other) == ([], [])
        calls, answered = calls + load.calls, answered | load.answered
        untaken += len(load.broken)
        assert dict(site.query(STORED)) == answered  # nothing was done for a call that got no reply
    # Between a worker's last look and the end of its socket a call may still come: one in many ends.
    assert untaken < ENDS
    say(
        f"{ENDS} times SIGTERM under load: {calls:,} calls answered, {len(answered):,} rows stored, "
        f"the same; none cut, {untaken} came too late to be taken"
    )


def test_many_arrays_that_come_together_are_all_answered(site, program, say):
    with site.web() as (_, port):
        load = Load(port, program, [Kind(ARRAY, False)] * 8)
        with load.running():
            more_calls(load)
    assert (load.other, load.unanswered, load.broken) == ([], [], [])
    say(f"16 callers at once sent arrays of {ARRAY}: {load.calls} calls answered, none refused")
