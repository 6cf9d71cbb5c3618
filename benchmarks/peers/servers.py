"""Start the peers. Of these, only Django REST framework stores, and none gives reasons."""

import contextlib
import importlib.util
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

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
# The article runs one sync worker. That class is the fastest for it, although a sync worker closes each
# connection: threads would compete for the interpreter lock (72 instead of 160 requests per second).
_ARTICLE_ARGUMENTS = [
    *("--workers", str(WORKERS), "--worker-class", "sync"),
    "benchmarks.peers.article_server:application",
]
# Two single processes with a port each. Of two that share a port, one accepted up to all sixteen connections.
_HAND_MADE_ARGUMENTS = [
    *("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"),
    "benchmarks.peers.hand_made_server:application",
]
_FASTAPI_ARGUMENTS = [
    *("--workers", str(WORKERS), "--log-level", "warning"),
    "benchmarks.peers.fastapi_server:application",
]
_DRF_ARGUMENTS = ["--workers", str(WORKERS), "--threads", "4", "benchmarks.peers.drf.wsgi"]
_NEEDED = {
    HAND_MADE: ("numba", "starlette", "uvicorn", "uvloop", "httptools"),
    FASTAPI: ("fastapi", "uvicorn"),
}

Ready = Callable[[str, int], bool]  # whether the peer of this name has answered at this port


@contextlib.contextmanager
def serving(directory: Path, article: Path, ready: Ready) -> Iterator[dict[str, list[Server]]]:
    """Start the peers that are installed. `article` is the file of the article's model."""
    variables = _model_variables(directory, article)
    with contextlib.ExitStack() as stack:

        def start(name: str, server: Callable[..., contextlib.AbstractContextManager[Server]],
                  arguments: list[str], file: str) -> Server:  # fmt: skip
            return stack.enter_context(server(arguments, directory / file, variables, partial(ready, name)))

        servers = {ARTICLE: [start(ARTICLE, gunicorn, _ARTICLE_ARGUMENTS, "article.log")]}
        if not _missing(HAND_MADE):
            logs = [f"hand-made-{number}.log" for number in range(WORKERS)]
            servers[HAND_MADE] = [start(HAND_MADE, uvicorn, _HAND_MADE_ARGUMENTS, log) for log in logs]
            same_answers.check(*(server.port for name in LIKE_THE_ARTICLE for server in servers[name]))
        if not _missing(FASTAPI):
            servers[FASTAPI] = [start(FASTAPI, uvicorn, _FASTAPI_ARGUMENTS, "fastapi.log")]
        variables |= _drf_site(directory, variables)
        servers[DRF] = [start(DRF, gunicorn, _DRF_ARGUMENTS, "drf.log")]
        yield servers


def absent() -> list[str]:
    """Return a line for each peer that is not installed."""
    return [
        f"{name} is left out: {', '.join(missing)} not installed (make bench does)."
        for name in _NEEDED
        if (missing := _missing(name))
    ]


def _missing(name: str) -> list[str]:
    return [package for package in _NEEDED[name] if importlib.util.find_spec(package) is None]


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
