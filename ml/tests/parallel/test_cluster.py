"""Work on a Dask cluster looks like work that is done here, whatever happens to its workers."""

import importlib.util
import itertools
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ml.errors import ClusterUnavailable, DatasetError, DatasetFault, MissingExtra
from ml.tests.helpers.tables import ROOT
from ml.training.recipes import get

WITHOUT = importlib.util.find_spec("distributed") is None


def needs_dask(test):
    """Leave a test out where dask is not installed, and of `make test`: clusters take long to start."""
    skipped = pytest.mark.skipif(WITHOUT, reason="dask is an extra: make install-bulk adds it")
    return pytest.mark.slow(skipped(test))


class Squares:
    """Remembers what it met, as a `ChunkScorer` does, and travels without."""

    def __init__(self):
        self.met = 0

    def __reduce__(self):
        return Squares, ()

    def __call__(self, number):
        if number == 1_000:
            raise DatasetError("squares", [DatasetFault(number, None, None, "fewer are expected")])
        sum(range(200_000))  # long enough for both to get some
        self.met += 1
        return number**2, self.met, os.getpid()


def squares(items, **options):
    from ml.parallel.cluster import map_in_order_on_cluster

    return map_in_order_on_cluster(Squares(), items, **{"scheduler": None, "processes": 2} | options)


@needs_dask
def test_a_killed_worker_loses_nothing():
    """Two remember what they met; one of them dies in the middle, and another one takes its place."""
    found = squares(range(300))
    first = list(itertools.islice(found, 100))
    workers = {pid for _, _, pid in first}
    os.kill(first[-1][2], signal.SIGKILL)
    rest = list(found)
    assert [square for square, _, _ in first + rest] == [number**2 for number in range(300)]
    assert len(workers) == 2
    assert first[-1][2] not in {pid for _, _, pid in rest[-50:]}
    assert max(met for _, met, _ in first) > 20


@needs_dask
def test_an_error_is_raised_when_its_turn_comes():
    found = squares(itertools.count(997), processes=1)
    assert [square for square, _, _ in itertools.islice(found, 3)] == [997**2, 998**2, 999**2]
    with pytest.raises(DatasetError, match="line 1000: fewer are expected"):
        next(found)


@needs_dask
def test_an_error_of_the_items_comes_behind_those_before_it():
    found = squares((7 // (3 - number) for number in range(9)), processes=1)
    assert [square for square, _, _ in itertools.islice(found, 3)] == [4, 9, 49]
    with pytest.raises(ZeroDivisionError):
        next(found)


@needs_dask
def test_a_grid_search_there_chooses_the_same_parameters(dataset):
    from ml.parallel.cluster import joblib_on_cluster, start_local_cluster

    here = get("scorecard").search().fit(dataset.frame, dataset.y)
    with start_local_cluster(2) as cluster, joblib_on_cluster(cluster.scheduler_address):
        there = get("scorecard").search().fit(dataset.frame, dataset.y)
    assert there.best_params_ == here.best_params_
    assert there.best_score_ == pytest.approx(here.best_score_, rel=1e-9)


def documented(word):
    """The block of shell commands in docs/bulk.md that holds `word`, for this machine and this Python."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "bulk.md").read_text(), re.DOTALL)
    (block,) = [block for block in blocks if word in block]
    dask = shlex.quote(str(Path(sys.executable).with_name("dask")))
    return block.replace("10.0.0.5", "127.0.0.1").replace(".venv/bin/dask", dask)


@needs_dask
def test_a_cluster_over_tls_is_set_up_as_documented(tmp_path):
    """In a shell of its own, whose folder has the certificate; the client is started last, and ends it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    servers = documented("dask scheduler").replace("8786", port).replace("PYTHONPATH=. ", "")
    client = (
        "from ml.tests.parallel.test_cluster import squares\n"
        f"print([found[0] for found in squares(range(40), scheduler='tls://127.0.0.1:{port}')])"
    )
    script = [
        *(documented("openssl"), documented("SCHEDULER")),
        *(f'{line} & pids="$pids $!"' for line in servers.splitlines()),
        "trap 'kill $pids; wait' EXIT",
        shlex.join([sys.executable, "-c", client]),
    ]
    done = subprocess.run(
        ["/bin/sh", "-e", "-c", "\n".join(script)], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1:] == [str([number**2 for number in range(40)])], done.stderr[-2000:]


@needs_dask
@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("tcp://10.0.0.5:8786", "not encrypted; use tls://"),
        ("tcp://localhost.example.org:8786", "not encrypted"),
        ("10.0.0.5:8786", "is not a scheduler address"),
        ("ucx://127.0.0.1:8786", "is not a scheduler address"),
        ("tcp://127.0.0.1@evil.example.org:8786", "is not a scheduler address"),
    ],
)
def test_a_cluster_elsewhere_is_asked_for_tls(address, fault):
    with pytest.raises(ClusterUnavailable, match=fault):
        next(squares([1], scheduler=address))


@needs_dask
@pytest.mark.parametrize(
    "address", ["tls://10.0.0.5:8786", "tcp://127.0.0.1:8786", "tcp://[::1]:8786", "tcp://localhost:8786"]
)
def test_tls_and_this_machine_itself_are_taken(address):
    from ml.parallel.cluster import check_address

    check_address(address)


def test_without_dask_it_says_how_to_add_it(monkeypatch):
    monkeypatch.delitem(sys.modules, "ml.parallel.cluster", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtra, match="dask is not installed; make install-bulk installs it"):
        importlib.import_module("ml.parallel.cluster")
