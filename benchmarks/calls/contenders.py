"""The servers that are measured through HTTP, and the requests to each."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from benchmarks.calls import load
from benchmarks.data import applications
from benchmarks.peers import LIKE_THE_ARTICLE, article_model
from benchmarks.peers import servers as peer_servers
from benchmarks.site import on_postgres
from benchmarks.site.servers import OUR_ARGUMENTS, Server, gunicorn, worker
from benchmarks.site.site import Site, fill, token

_PATH = "/api/v1/predictions/"


class Send(Protocol):
    """Return the job of a contender for the ports of its server."""

    def __call__(self, ports: Sequence[int], *, connections: int, seconds: float) -> load.Job: ...


@dataclass(slots=True)
class Contender:
    """A server to measure, and the results of all rounds."""

    name: str
    rows: int
    servers: Sequence[Server]  # several if each process has its own port
    send: Send
    site: Site | None = None  # where the server stores, if it is ours
    results: list[load.Result] = field(default_factory=list)  # without the warm-up's
    mib: float = 0.0  # of the largest worker
    stored: int = 0  # rows, the warm-up's included

    @property
    def title(self) -> str:
        """Return the name with the size of a call."""
        return f"{self.name}, {amount(self.rows)}"

    def job(self, *, connections: int, seconds: float) -> load.Job:
        """Return the job for the load generator."""
        return self.send([server.port for server in self.servers], connections=connections, seconds=seconds)

    def speeds(self) -> list[float]:
        """Return requests per second of each round."""
        return [len(result.latencies) / result.seconds for result in self.results]


def amount(rows: int) -> str:
    """Return the size of a call in words."""
    return "one row" if rows == 1 else f"{rows:,} rows"


@contextlib.contextmanager
def singles_and_arrays(prepared: Site, directory: Path, stored: int) -> Iterator[tuple[list[Contender], ...]]:
    """Start all servers; yield the contenders for one row and for a thousand, the article's server first.

    `prepared` contains `stored` predictions.
    """
    model = directory / "article.pickle"
    article_model.train(model)
    with contextlib.ExitStack() as stack:
        peers = stack.enter_context(peer_servers.serving(directory, model, partial(_is_ready, stored=stored)))
        ours = stack.enter_context(_ours("ours", prepared, directory / "ours.log", stored))
        second = stack.enter_context(_on_postgres(directory, stored))
        yield tuple(
            [*_peers(peers, rows, stored), *(one for one in (*ours, *second) if one.rows == rows)]
            for rows in (1, applications.ROWS)
        )


@contextlib.contextmanager
def _ours(name: str, ours: Site, log: Path, stored: int) -> Iterator[list[Contender]]:
    """Start our server and its worker; yield the contenders for one row and for a thousand."""
    send = partial(load.Job, token=token(ours), stored=stored)
    one = partial(send, path=_PATH, body=applications.one())
    array = partial(send, path=_PATH, body=applications.array())
    article = partial(send, path="/predict", body=applications.article(applications.ROWS))
    with (
        gunicorn(OUR_ARGUMENTS, log, ours.variables, partial(_answers, one)) as server,
        worker(ours.variables),
    ):
        yield [
            Contender(name, 1, [server], one, ours),
            Contender(name, applications.ROWS, [server], array, ours),
            Contender(f"{name} at /predict", applications.ROWS, [server], article, ours),
        ]


@contextlib.contextmanager
def _on_postgres(directory: Path, stored: int) -> Iterator[list[Contender]]:
    """Start our server on PostgreSQL, if one answers; yield its contenders."""
    if not on_postgres.answers():
        yield []
        return
    with on_postgres.site(directory / "postgres") as ours:
        fill(ours, stored)
        with _ours("ours on PostgreSQL", ours, directory / "postgres.log", stored) as contenders:
            yield contenders[:2]


def _peers(peers: dict[str, list[Server]], rows: int, stored: int) -> list[Contender]:
    """Return the contenders that are not ours, the article's first."""
    return [
        Contender(name, rows, servers, partial(_send_to_peer, name, rows, stored))
        for name, servers in peers.items()
    ]


def _send_to_peer(
    name: str, rows: int, stored: int, ports: Sequence[int], *, connections: int, seconds: float
) -> load.Job:
    of = applications.article if name in LIKE_THE_ARTICLE else applications.array
    return load.Job(ports, peer_servers.PATH, of(rows), connections, seconds, stored)


def _is_ready(name: str, port: int, *, stored: int) -> bool:
    """Return whether a peer answers one row."""
    return _answers(partial(_send_to_peer, name, 1, stored), port)


def _answers(send: Send, port: int) -> bool:
    return load.answers(send([port], connections=1, seconds=0))
