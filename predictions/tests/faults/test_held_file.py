"""SQLite's file in another program's hands: callers hear so soon, and the process lives."""

import http.client
import itertools
import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager
from functools import partial
from urllib.parse import urlencode

import pytest

from predictions.tests.conftest import APPLICATION
from predictions.tests.faults.background import in_background
from predictions.tests.faults.caller import V1, Caller

EACH, HELD = 4, 7.0  # callers of a kind; seconds
ANSWERED, ALIVE, BACK = 5.0, 1.0, 3.0  # seconds: a 503, /livez, the first success after the end
SLACK = 1.0  # seconds, for a machine that is busy with the callers
PAUSE = 0.05
TOKEN = "a" * 32


class Callers:
    """Threads that go on writing, each in its way, and one that asks whether the process lives."""

    def __init__(self, port, token, program):
        self.port, self.token, self.program, self.numbers = port, token, program, itertools.count()
        self.replies, self.signs, self._over = [], [], threading.Event()
        with Caller(port, token) as caller:
            self.prediction = self.scored(caller, next(self.numbers)).document["id"]

    @contextmanager
    def running(self):
        kinds = [self.signed_in, self.decided, self.scored, self.scored_many]
        with in_background(self._over, self._look, *(partial(self._go_on, kind) for kind in kinds * EACH)):
            yield

    def scored(self, caller, number):
        return caller.post(f"{V1}/predictions/", APPLICATION | {"Loan_ID": f"HELD{number}"})

    def scored_many(self, caller, number):
        rows = [APPLICATION | {"Loan_ID": f"MANY{number}.{row}"} for row in range(200)]
        return caller.post(f"{V1}/predictions/", rows)

    def decided(self, caller, number):
        wish = {"verdict": "denied", "code": "hidden_risk", "note": f"Arrears no. {number}"}
        return caller.post(f"{V1}/predictions/{self.prediction}/decisions/", wish)

    def signed_in(self, caller, number):
        """Sign in with a wrong password, which is noted."""
        form = {"username": f"nobody{number}", "password": "wrong", "csrfmiddlewaretoken": TOKEN}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"csrftoken={TOKEN}"}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request("POST", "/login/", urlencode(form), headers)
            return connection.getresponse()

    def _go_on(self, kind):
        of_program = kind in (self.scored, self.scored_many)
        with Caller(self.port, self.program if of_program else self.token) as caller:
            while not self._over.wait(PAUSE):
                self._note(self.replies, kind.__name__, lambda: kind(caller, next(self.numbers)))

    def _look(self):
        with Caller(self.port) as caller:
            while not self._over.wait(PAUSE):
                self._note(self.signs, "livez", lambda: caller.get("/livez"))

    @staticmethod
    def _note(notes, name, ask):
        started = time.monotonic()
        status = ask().status
        notes.append((name, started, time.monotonic(), status))


def test_a_file_that_another_program_holds_does_not_take_the_site_along(site, token, program, say):
    if site.database:
        pytest.skip("Left out: a file that is held. DATABASE_URL names a server.")
    with site.web() as (_, port):
        callers = Callers(port, token, program)
        with callers.running():
            time.sleep(2)
            with closing(sqlite3.connect(site.var / "db.sqlite3", timeout=30)) as other:
                other.execute("BEGIN IMMEDIATE")
                began = time.monotonic()
                time.sleep(HELD)
                ended = time.monotonic()
            time.sleep(BACK)
    during = [reply for reply in callers.replies if reply[1] < ended and reply[2] > began]
    refused = [(end - start, name) for name, start, end, status in during if status == 503]
    alive = max(end - start for _, start, end, _ in callers.signs if start < ended and end > began)
    done = {name for name, _, end, status in callers.replies if end > ended and status in (200, 201)}
    counts = Counter((name, status) for name, *_, status in callers.replies)
    say(
        f"file held {HELD:.0f} s: {sorted(counts.items())}, "
        f"the last 503 after {max(refused)[0]:.1f} s, /livez after {alive:.1f} s"
    )
    kinds = {name for name, *_ in callers.replies}
    assert {status for *_, status in callers.replies} <= {200, 201, 429, 503}
    assert {status for *_, status in callers.signs} == {200}
    assert {name for _, name in refused} == kinds
    assert max(refused)[0] < ANSWERED + SLACK
    assert alive < ALIVE + SLACK
    assert done == kinds
