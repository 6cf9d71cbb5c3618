"""The servers that are measured through HTTP, and the requests to each."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.calls import load
from benchmarks.data import applications
from benchmarks.peers import article_model
from benchmarks.peers import servers as peer_servers
from benchmarks.site import on_postgres, site
from benchmarks.site.servers import OUR_ARGUMENTS, WORKERS, Server, gunicorn

# The article runs one sync worker. That class is the fastest for it, although a sync worker closes each
# connection: threads would compete for the interpreter lock (72 instead of 160 requests per second).
ARTICLE_ARGUMENTS = [
    *("--workers", str(WORKERS), "--worker-class", "sync"),
    "benchmarks.peers.article_server:application",
]


@dataclass(slots=True)
class Contender:
    """A server to measure, and the results of all rounds."""

    name: str
    rows: int
    server: Server
    send: Callable[..., load.Job]
    results: list[load.Result] = field(default_factory=list)
    mib: float = 0.0  # of the largest worker

    def job(self, **how: float) -> load.Job:
        """Return the job for the load generator; `how` gives seconds and connections."""
        return self.send(self.server.port, **how)

    def speeds(self) -> list[float]:
        """Return requests per second of each round."""
        return [len(result.latencies) / result.seconds for result in self.results]


@contextlib.contextmanager
def singles_and_arrays(
    prepared: site.Site, directory: Path, stored: int
) -> Iterator[tuple[list[Contender], ...]]:
    """Start all servers; yield the contenders for one row and for a thousand, the article's server first.

    `prepared` contains `stored` predictions.
    """
    model = directory / "article.pickle"
    article_model.train(model)
    variables = {article_model.MODEL_VARIABLE: str(model)}
    with (
        gunicorn(ARTICLE_ARGUMENTS, directory / "article.log", variables) as theirs,
        gunicorn(OUR_ARGUMENTS, directory / "ours.log", prepared.variables) as ours,
        peer_servers.serving(directory) as peers,
        _on_postgres(directory, stored) as second,
    ):
        ones, arrays = _contenders(theirs, ours, site.token(prepared), stored)
        yield (
            [*_with_peers(ones, peers, 1, stored), *second[:1]],
            [*_with_peers(arrays, peers, applications.ROWS, stored), *second[1:]],
        )


@contextlib.contextmanager
def _on_postgres(directory: Path, stored: int) -> Iterator[Sequence[Contender]]:
    """Start our server on PostgreSQL, if one answers; yield the contenders for one row and for a thousand."""
    if not on_postgres.answers():
        yield []
        return
    with on_postgres.site(directory / "postgres") as ours:
        site.fill(ours, stored)
        with gunicorn(OUR_ARGUMENTS, directory / "postgres.log", ours.variables) as server:
            yield _ours("ours on PostgreSQL", server, site.token(ours), stored)


def _with_peers(
    contenders: list[Contender], peers: dict[str, Server], rows: int, stored: int
) -> list[Contender]:
    """Return all contenders: the article's, the peers, ours."""
    send = partial(load.Job, stored=stored)
    amount, body = "one row" if rows == 1 else f"{rows:,} rows", applications.array(rows)
    between = [
        Contender(f"{name}, {amount}", rows, server, partial(send, path=peer_servers.PATH, body=body))
        for name, server in peers.items()
    ]
    return [*contenders[:1], *between, *contenders[1:]]


def _contenders(
    theirs: Server, ours: Server, token: str, stored: int
) -> tuple[list[Contender], list[Contender]]:
    rows = applications.ROWS
    article = applications.article(rows)
    one, array = _ours("ours", ours, token, stored)
    old = partial(load.Job, path="/predict", stored=stored)
    same = partial(old, token=token)
    return (
        [
            Contender("article's way, one row", 1, theirs, partial(old, body=applications.article(1))),
            one,
        ],
        [
            Contender(f"article's way, {rows:,} rows", rows, theirs, partial(old, body=article)),
            array,
            Contender(f"ours at /predict, {rows:,} rows", rows, ours, partial(same, body=article)),
        ],
    )


def _ours(name: str, server: Server, token: str, stored: int) -> list[Contender]:
    """Return the contenders for one row and for a thousand."""
    rows = applications.ROWS
    send = partial(load.Job, path="/api/v1/predictions/", token=token, stored=stored)
    return [
        Contender(f"{name}, one row", 1, server, partial(send, body=applications.one())),
        Contender(f"{name}, {rows:,} rows", rows, server, partial(send, body=applications.array())),
    ]
