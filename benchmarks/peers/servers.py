"""Start the peers, FastAPI and Django REST framework. No reasons; only the latter stores."""

import contextlib
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.peers import pipeline
from benchmarks.site.servers import ROOT, WORKERS, Server, environment, gunicorn, uvicorn

PATH = "/predict"
_FASTAPI = "FastAPI + pandas"
_FASTAPI_ARGUMENTS = [
    "--workers",
    str(WORKERS),
    "--log-level",
    "warning",
    "benchmarks.peers.fastapi_server:application",
]
_DRF_ARGUMENTS = ["--workers", str(WORKERS), "--threads", "4", "benchmarks.peers.drf.wsgi"]


@contextlib.contextmanager
def serving(directory: Path) -> Iterator[dict[str, Server]]:
    """Start the peers that are installed."""
    model = directory / "peer.joblib"
    pipeline.train(model)
    variables = {pipeline.MODEL_VARIABLE: str(model)}
    with contextlib.ExitStack() as stack:
        servers = {}
        if not absent():
            server = uvicorn(_FASTAPI_ARGUMENTS, directory / "fastapi.log", variables)
            servers[_FASTAPI] = stack.enter_context(server)
        variables |= _drf_site(directory, variables)
        server = gunicorn(_DRF_ARGUMENTS, directory / "drf.log", variables)
        yield servers | {"plain DRF, stored": stack.enter_context(server)}


def absent() -> list[str]:
    """Return a line for each peer that is not installed."""
    missing = [name for name in ("fastapi", "uvicorn") if importlib.util.find_spec(name) is None]
    return (
        [f"{_FASTAPI} is left out: {', '.join(missing)} not installed (make bench does)."] if missing else []
    )


def _drf_site(directory: Path, variables: dict[str, str]) -> dict[str, str]:
    """Create the database of the DRF peer and return its variables."""
    own = {
        "DJANGO_SETTINGS_MODULE": "benchmarks.peers.drf.settings",
        "PEER_DATABASE": str(directory / "drf.sqlite3"),
    }
    command = [sys.executable, "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment(**variables, **own), check=True)
    return own
