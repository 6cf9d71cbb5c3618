"""A throttle lets exactly as many calls through as it says, whoever counts."""

import ast
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client

from predictions.roles import Role
from predictions.services.writing.call_times import SWEEP_INTERVAL, CallTimes
from predictions.tests.helpers.api import ApiClient

FEATURES = "/api/v1/features/"
PROCESS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from predictions.services.writing.call_times import CallTimes
times = CallTimes(Path(sys.argv[1]), 25, 600)
with ThreadPoolExecutor(20) as pool:
    print(sum(wait == 0 for wait in pool.map(times.register_call, ["somebody"] * 20)))
"""


@pytest.fixture
def throttle(settings, tmp_path):
    """Set a throttle: ``throttle(20)`` calls a minute."""
    settings.CALL_TIMES = tmp_path / "throttle"

    def limit(calls):
        settings.THROTTLE = (calls, 60)

    return limit


def test_of_80_calls_at_once_exactly_as_many_pass_as_may(throttle):
    throttle(20)
    with ThreadPoolExecutor(80) as pool:
        refused = f"{FEATURES}?unknown=1"  # counted, and refused before the database is asked
        statuses = list(pool.map(lambda _: Client().get(refused).status_code, range(80)))
    assert (statuses.count(400), statuses.count(429)) == (20, 60)


@pytest.mark.slow
def test_processes_count_together(tmp_path):
    command = [sys.executable, "-c", PROCESS, str(tmp_path / "throttle")]
    where = {"cwd": django_settings.BASE_DIR, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **where) for _ in range(4)]
    assert sum(int(process.communicate()[0]) for process in processes) == 25


def test_the_time_to_wait_is_the_time_until_a_call_is_free(tmp_path):
    now = [1000.0]
    times = CallTimes(tmp_path, 2, 60, clock=lambda: now[0])
    times.register_call("somebody")
    now[0] = 1050.0
    times.register_call("somebody")
    assert times.register_call("somebody") == 10
    now[0] = 1060.0
    assert times.register_call("somebody") == 0
    assert times.register_call("somebody") == 50


def test_a_refused_call_does_not_count(tmp_path):
    now = [1000.0]
    times = CallTimes(tmp_path, 1, 60, clock=lambda: now[0])
    times.register_call("somebody")
    now[0] = 1030.0
    assert times.register_call("somebody") == 30
    now[0] = 1060.0
    assert times.register_call("somebody") == 0


def test_times_from_before_the_machine_started_again_are_forgotten(tmp_path):
    CallTimes(tmp_path, 1, 60, clock=lambda: 90_000.0).register_call("somebody")
    assert CallTimes(tmp_path, 1, 60, clock=lambda: 5.0).register_call("somebody") == 0


def test_each_caller_has_a_count_of_its_own(throttle, user_with):
    throttle(1)
    callers = [Client(REMOTE_ADDR="192.0.2.1"), Client(REMOTE_ADDR="192.0.2.2")]
    callers += [ApiClient(user_with(Role.OFFICER, name)) for name in ("one", "two")]
    path = "/api/v1/predictions/"
    assert [caller.get(FEATURES).status_code for caller in callers[:2]] == [200, 200]
    assert [caller.get(path).status_code for caller in callers[2:]] == [200, 200]
    assert [caller.get(path).status_code for caller in callers[2:]] == [429, 429]


def test_the_file_of_a_caller_that_is_long_gone_is_deleted(tmp_path):
    import os

    times = CallTimes(tmp_path, 1, 60)
    times.register_call("old")
    for path in tmp_path.iterdir():
        os.utime(path, (0, 0))
    times.register_call("new")
    assert len([path for path in tmp_path.iterdir() if path.stat().st_mtime < SWEEP_INTERVAL]) == 0


@pytest.mark.django_db
def test_without_a_throttle_nothing_is_written(settings, tmp_path):
    settings.CALL_TIMES = tmp_path / "throttle"
    Client().get(FEATURES)
    assert not settings.CALL_TIMES.exists()


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]


@pytest.mark.slow
def test_only_signed_bytes_and_those_of_own_processes_are_unpickled():
    root = Path(django_settings.BASE_DIR)
    paths = [path for package in ("ml", "predictions", "loansite") for path in (root / package).rglob("*.py")]
    unpickling = {"pickle", "joblib", "cloudpickle", "dill", "shelve", "marshal"}
    found = {
        path.relative_to(root).as_posix()
        for path in paths
        if "tests" not in path.parts and unpickling & set(imports_of(path))
    }
    of_own_processes = {"ml/parallel/cluster.py", "ml/parallel/shared_bytes.py"}
    marks_alone = {"predictions/bulk/csv_files.py"}  # `PickleBuffer`
    assert found == {"ml/artefacts/unpickle.py"} | of_own_processes | marks_alone


def test_no_cache_writes_pickles():
    program = "from django.conf import settings; print(*(c['BACKEND'] for c in settings.CACHES.values()))"
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", program]
    done = subprocess.run(command, cwd=django_settings.BASE_DIR, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["django.core.cache.backends.dummy.DummyCache"]
