"""Start the peers. Of these, only Django REST framework stores, and none gives reasons."""

import contextlib
import importlib.util
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks.peers import (
    ARTICLE,
    DRF,
    FASTAPI,
    HAND_MADE,
    LIKE_THE_ARTICLE,
    article_model,
    compiled_forest,
    pipeline,
    same_answers,
)
from benchmarks.site.servers import ROOT, WORKERS, Server, environment, gunicorn, uvicorn

PATH = "/predict"

Ready = Callable[[str, int], bool]  # whether the peer of this name has answered at this port


class _Peer(NamedTuple):
    serve: Callable[..., contextlib.AbstractContextManager[Server]]
    arguments: list[str]
    packages: tuple[str, ...] = ()  # that `make bench` installs
    ports: int = 1


_PEERS = {
    # The article runs one sync worker. That class is the fastest for it, although a sync worker closes each
    # connection: threads would compete for the interpreter lock (72 instead of 160 requests per second).
    ARTICLE: _Peer(
        gunicorn,
        [
            *("--workers", str(WORKERS), "--worker-class", "sync"),
            "benchmarks.peers.article_server:application",
        ],
    ),
    # Single processes with a port each. Of two that share a port, one accepted up to all sixteen connections.
    HAND_MADE: _Peer(
        uvicorn,
        [
            *("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"),
            "benchmarks.peers.hand_made_server:application",
        ],
        ("numba", "starlette", "uvicorn", "uvloop", "httptools"),
        ports=WORKERS,
    ),
    FASTAPI: _Peer(
        uvicorn,
        [
            *("--workers", str(WORKERS), "--log-level", "warning"),
            "benchmarks.peers.fastapi_server:application",
        ],
        ("fastapi", "uvicorn"),
    ),
    DRF: _Peer(gunicorn, ["--workers", str(WORKERS), "--threads", "4", "benchmarks.peers.drf.wsgi"]),
}


@contextlib.contextmanager
def serving(directory: Path, article: Path, ready: Ready) -> Iterator[dict[str, list[Server]]]:
    """Start the peers that are installed. `article` is the file of the article's model."""
    variables = _model_variables(directory, article)
    variables |= _drf_site(directory, variables)
    with contextlib.ExitStack() as stack:
        servers = {
            name: [
                stack.enter_context(
                    peer.serve(
                        peer.arguments, directory / f"{name} {number}.log", variables, partial(ready, name)
                    )
                )
                for number in range(peer.ports)
            ]
            for name, peer in _PEERS.items()
            if not _missing(name)
        }
        same_answers.check(*(one.port for name in LIKE_THE_ARTICLE for one in servers.get(name, [])))
        yield servers


def absent() -> list[str]:
    """Return a line for each peer that is not installed."""
    return [
        f"{name} is left out: {', '.join(missing)} not installed (make bench does)."
        for name in _PEERS
        if (missing := _missing(name))
    ]


def _missing(name: str) -> list[str]:
    return [package for package in _PEERS[name].packages if importlib.util.find_spec(package) is None]


def _model_variables(directory: Path, article: Path) -> dict[str, str]:
    """Write the models of the peers into files and return the variables that name them."""
    peer = directory / "peer.joblib"
    pipeline.train(peer)
    if not _missing(HAND_MADE):
        with article.open("rb") as file:
            compiled_forest.write(pickle.load(file).best_estimator_, directory)
    return {
        article_model.MODEL_VARIABLE: str(article),
        pipeline.MODEL_VARIABLE: str(peer),
        "PYTHONPATH": str(directory),
    }


def _drf_site(directory: Path, variables: dict[str, str]) -> dict[str, str]:
    """Create the database of the DRF peer and return its variables."""
    own = {
        "DJANGO_SETTINGS_MODULE": "benchmarks.peers.drf.settings",
        "PEER_DATABASE": str(directory / "drf.sqlite3"),
    }
    command = [sys.executable, "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment(**variables, **own), check=True)
    return own
