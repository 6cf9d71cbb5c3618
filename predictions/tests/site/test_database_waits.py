"""How long a web process waits for its database; `faults/test_hanging_database.py` has some that hang."""

import itertools
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from threading import Event

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction

from predictions.errors import as_unavailable
from predictions.services.writing import database_waits as waits
from predictions.services.writing.audit import audited_csv_lines
from predictions.services.writing.database_waits import CircuitBreaker, WaitingSlots

TAKEN_FILE = """
import contextlib, fcntl, threading, time, django
django.setup()
from django.db import OperationalError, connection, transaction
from predictions.services.writing import database_waits
from predictions.errors import as_unavailable
from predictions.services.writing.locks import write_transaction
database_waits.apply_request_limits()
database_waits.reset_request_state()
database_waits.request_state.seconds_waited = database_waits.WRITE_LOCK_TIMEOUT - {left}
{taken}
started = time.monotonic()
try:
    with write_transaction():
        print("written")
except OperationalError as error:
    print(as_unavailable(error).detail, round(time.monotonic() - started))
"""
BY_TURN = (
    "file = open(str(connection.settings_dict['NAME']) + '-turn', 'a'); fcntl.flock(file, fcntl.LOCK_EX)"
)
BY_SQLITE = """
import sqlite3
other = sqlite3.connect(connection.settings_dict["NAME"])
connection.ensure_connection()
other.execute("BEGIN IMMEDIATE")
"""
postgresql = pytest.mark.skipif(
    "postgres" not in settings.DATABASES["default"]["ENGINE"], reason="PostgreSQL"
)


@pytest.fixture(autouse=True)
def anew():
    waits.reset_request_state()
    yield
    waits.reset_request_state()


def test_after_two_silences_nobody_asks_but_one_a_second():
    breaker = CircuitBreaker()
    for _ in range(waits.FAILURES_TO_OPEN):
        breaker.record_failure()
        waits.reset_request_state()
    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(lambda _: breaker.may_ask(), range(8)))
        breaker.asked_last -= waits.PROBE_INTERVAL
        assert sum(pool.map(lambda _: in_a_call_of_its_own(breaker), range(8))) == 1


def in_a_call_of_its_own(breaker):
    waits.reset_request_state()
    return breaker.may_ask()


def test_an_answer_lets_everybody_ask_again():
    breaker = CircuitBreaker()
    for _ in range(waits.FAILURES_TO_OPEN):
        breaker.record_failure()
    breaker.record_success()
    waits.reset_request_state()
    assert breaker.may_ask()


def test_a_request_asks_no_more_after_a_silence():
    breaker = CircuitBreaker()
    breaker.record_failure()
    assert not breaker.may_ask()
    waits.reset_request_state()
    assert breaker.may_ask()


def test_one_thread_waits_shortly_for_a_place_and_later_ones_not_at_all():
    places = WaitingSlots(1)
    assert places.acquire()
    assert not places.acquire(0.01)
    started = time.monotonic()
    assert not places.acquire(60)
    assert time.monotonic() - started < 1
    places.release()
    assert places.acquire()


def test_a_place_that_gets_free_is_taken_by_the_one_that_waits():
    places, waiting = WaitingSlots(1), Event()
    places.acquire()
    with ThreadPoolExecutor(1) as pool:
        taken = pool.submit(lambda: waiting.set() or places.acquire(60))
        waiting.wait()
        places.release()
        assert taken.result()


@pytest.mark.slow
@pytest.mark.parametrize("taken", [BY_TURN, BY_SQLITE])
def test_a_writer_on_sqlite_waits_no_longer_than_its_request_may(tmp_path, taken):
    assert "Nothing was saved" in written(tmp_path, taken, left=0.1)


@pytest.mark.slow
def test_a_write_outside_a_turn_waits_no_longer_than_its_request_may(tmp_path):
    writes = "write_transaction = lambda: transaction.atomic()"
    assert "Nothing was saved" in written(tmp_path, f"{BY_SQLITE}\n{writes}", left=0.1)
    single = (
        "write_transaction = lambda: contextlib.closing(connection.cursor().execute('CREATE TABLE t (n)'))"
    )
    assert "Nothing was saved" in written(tmp_path, f"{BY_SQLITE}\n{single}", left=0.1)


def test_a_write_on_sqlite_that_finds_no_place_is_refused_at_once(tmp_path):
    taken = f"{BY_SQLITE}\nwhile database_waits.waiting_slots.acquire(0): pass"
    assert "Nothing was saved" in written(tmp_path, taken, left=4)


@pytest.mark.slow
def test_a_write_on_sqlite_goes_on_when_the_other_writer_has_ended(tmp_path):
    ends = "threading.Timer(0.1, lambda: other.rollback()).start()"
    taken = BY_SQLITE.replace('"NAME"]', '"NAME"], check_same_thread=False')
    assert written(tmp_path, taken + ends, left=4) == "written"


def test_few_wait_for_another_thread_that_may_wait_for_the_database(serving_process):
    lock, callers = threading.Lock(), waits.MAX_WAITING_THREADS + 2
    with ThreadPoolExecutor(callers) as pool:
        with lock:
            asked = [pool.submit(acquired, lock) for _ in range(callers)]
            refused = [*itertools.islice(as_completed(asked), callers - (waits.MAX_WAITING_THREADS - 1))]
            assert waits.waiting_slots.acquire(0)  # is left for the one that has the lock
            waits.waiting_slots.release()
        assert [ask.result() for ask in asked].count(True) == waits.MAX_WAITING_THREADS - 1
        assert not any(ask.result() for ask in refused)


def acquired(lock):
    waits.reset_request_state()
    if got := waits.acquire_thread_lock(lock):
        lock.release()
    return got


def test_who_waits_for_a_thread_whose_server_keeps_silent_shares_its_fate(serving_process):
    class Silent(threading.Event):  # whose holder meets a silence meanwhile
        def acquire(self, *, timeout):
            waits.breaker.record_failure()
            return True

        release = threading.Event.set

    lock = Silent()
    assert not waits.acquire_thread_lock(lock)
    assert lock.is_set()
    waits.breaker.record_success()


@pytest.mark.slow
def test_a_writer_on_sqlite_that_need_not_wait_writes(tmp_path):
    assert written(tmp_path, "", left=0.1) == "written"


def written(tmp_path, taken, left):
    environment = {"DJANGO_SETTINGS_MODULE": "loansite.settings", "LOANSITE_VAR": str(tmp_path)}
    program = TAKEN_FILE.format(taken=taken, left=left)
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
    )
    said = done.stdout.strip()
    return said.removesuffix(" 0") or done.stderr  # less than half a second


@pytest.fixture
def serving_process():
    waits.apply_request_limits()
    yield
    waits.apply_request_limits(False)


@pytest.fixture
def serving(db):
    """A connection as a web process opens it."""
    waits.apply_request_limits()
    connection.close()
    yield
    waits.apply_request_limits(False)
    connection.close()


@postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_statement_of_a_request_that_takes_too_long_is_ended_by_the_server(serving):
    connection.ensure_connection()
    assert connection.connection.info.parameter_status("server_version")
    connection.limit_statements(0.1)
    with pytest.raises(OperationalError) as ended, connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")
    assert "too long" in as_unavailable(ended.value).detail


@postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_request_whose_statement_was_ended_asks_no_more(serving):
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '0.1s'; SELECT pg_sleep(5)")
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    waits.reset_request_state()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_connection_whose_limits_cannot_be_set_back_is_not_kept(serving):
    with waits.export_statement_timeout():
        waits.request_state.server_silent = True  # as where others wait for the server
    waits.reset_request_state()
    assert timeout() == "2s"


@postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_server_that_does_not_answer_is_left_and_asked_no_more_by_this_request(serving):
    connection.ensure_connection()
    connection.connection.limit = 0.1
    with pytest.raises(OperationalError) as silent, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1)")
    assert "did not answer" in as_unavailable(silent.value).detail
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    waits.reset_request_state()
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_downloads_statements_may_take_longer_than_a_requests(serving):
    rows = ([timeout()] for _ in range(1))
    lines = [*audited_csv_lines(action="test", by=None, asked={}, header=["limit"], rows=rows)]
    assert "".join(lines).split() == ["limit", "30s"]
    assert timeout() == "2s"


def timeout():
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return cursor.fetchone()[0]
