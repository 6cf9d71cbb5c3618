"""A database that hangs, is locked or is gone: callers hear so soon, the process lives, and it comes back."""

import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings

from predictions.tests.conftest import APPLICATION
from predictions.tests.faults.background import in_background
from predictions.tests.faults.caller import V1, Caller
from predictions.tests.faults.server import Server
from predictions.tests.faults.site import Site

CALLERS, HANGS = 64, 8.0
ANSWERED, ALIVE, BACK = 3.0, 1.0, 5.0  # seconds: a 503, /livez, the first success after the end
SLACK = 1.0  # seconds, for a machine that is busy with 64 callers
PAUSE = 0.1
STORED = "SELECT loan_id, id FROM predictions_prediction"


@pytest.fixture(scope="module")
def server():
    if "postgres" not in settings.DATABASES["default"]["ENGINE"]:
        pytest.skip("Left out: a PostgreSQL that hangs. DATABASE_URL names none.")
    with tempfile.TemporaryDirectory(prefix="server-") as directory:  # pytest's own is its user's alone
        made = Server(Path(directory))
        made.start()
        yield made
        made.stop()


@pytest.fixture(scope="module")
def served(server, tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("hanging"), server.url)
    site.manage("prepare")
    token = site.manage("create_api_token", "admin").strip()
    with site.web() as (_, port):
        yield site, port, token


class Watch:
    """Callers that score, one that asks whether the process lives; what each was answered, and when."""

    def __init__(self, name, port, token):
        self.name, self.port, self.token = name, port, token
        self.replies, self.signs, self.stored, self._over = [], [], {}, threading.Event()

    @contextmanager
    def running(self):
        with in_background(self._over, self._look, *(partial(self._score, n) for n in range(CALLERS))):
            yield

    def _score(self, number):
        with Caller(self.port, self.token) as caller:
            count = 0
            while not self._over.wait(PAUSE):
                count += 1
                loan_id = f"{self.name}{number}.{count}"
                reply = self._note(
                    self.replies, caller.post, f"{V1}/predictions/", APPLICATION | {"Loan_ID": loan_id}
                )
                if reply.status == 201:
                    self.stored[loan_id] = reply.document["id"]

    def _look(self):
        with Caller(self.port) as caller:
            while not self._over.wait(PAUSE):
                self._note(self.signs, caller.get, "/livez")

    @staticmethod
    def _note(notes, ask, *arguments):
        started = time.monotonic()
        reply = ask(*arguments)
        notes.append((started, time.monotonic(), reply.status))
        return reply


@pytest.mark.parametrize("fault", ["frozen", "locked", "stopped"])
def test_a_database_that_does_not_answer_does_not_take_the_site_along(server, served, say, fault):
    site, port, token = served
    watch = Watch(fault, port, token)
    with watch.running():
        time.sleep(2)
        with getattr(server, fault)():
            began = time.monotonic()
            time.sleep(HANGS)
            ended = time.monotonic()
        time.sleep(BACK + SLACK)
    refused = [end - max(start, began) for start, end, status in watch.replies if status == 503]
    alive = [end - start for start, end, _ in watch.signs if began <= start < ended]
    back = min(end for _, end, status in watch.replies if status == 201 and end > ended) - ended
    assert {status for *_, status in watch.replies} <= {201, 503}
    assert {status for *_, status in watch.signs} == {200}
    assert refused
    assert max(refused) < ANSWERED + SLACK
    assert max(alive) < ALIVE + SLACK
    assert back < BACK
    assert watch.stored.items() <= dict(site.query(STORED)).items()
    counts = Counter(status for *_, status in watch.replies)
    say(
        f"database {fault} {HANGS:.0f} s, {CALLERS} callers: {counts[201]:,} stored, none lost, "
        f"{counts[503]:,} times 503, the last after {max(refused):.1f} s, /livez after {max(alive):.1f} s, "
        f"back after {back:.1f} s"
    )
