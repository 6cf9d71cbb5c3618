"""Who takes part through HTTP, and with what."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks import applications, load, peer_servers, site
from benchmarks.peers import article_server
from benchmarks.servers import WORKERS, gunicorn

# Plain sync workers are what the article runs, and the best for it: threads only fight over the interpreter
# lock here (72 instead of 160 requests per second), although a sync worker closes each connection.
ARTICLE_ARGUMENTS = [
    *("--workers", str(WORKERS), "--worker-class", "sync"),
    "benchmarks.peers.article_server:application",
]
OUR_ARGUMENTS = ["--config", "deploy/gunicorn.conf.py", "loansite.wsgi"]


@dataclass(slots=True)
class Contender:
    """One way of scoring, and all replies that it gave."""

    name: str
    rows: int
    job: Callable[..., load.Job]
    results: list[load.Result] = field(default_factory=list)

    def speeds(self) -> list[float]:
        """Return requests per second, round by round."""
        return [len(result.latencies) / result.seconds for result in self.results]


@contextlib.contextmanager
def singles_and_arrays(prepared: site.Site, directory: Path) -> Iterator[tuple[list[Contender], ...]]:
    """Start all servers; yield the contenders for one row and those for a thousand, the article's first."""
    model = directory / "article.joblib"
    article_server.train(model)
    variables = {article_server.MODEL_VARIABLE: str(model)}
    token = site.token(prepared)
    with (
        gunicorn(ARTICLE_ARGUMENTS, directory / "article.log", variables) as article_port,
        gunicorn(OUR_ARGUMENTS, directory / "ours.log", prepared.variables) as our_port,
        peer_servers.serving(directory) as ports,
    ):
        theirs = partial(load.Job, article_port, "/")
        ours = partial(load.Job, our_port, token=token)
        ones, arrays = _contenders(theirs, ours)
        yield _with_peers(ones, ports, 1), _with_peers(arrays, ports, applications.ROWS)


def _with_peers(contenders: list[Contender], ports: dict[str, int], rows: int) -> list[Contender]:
    """Put the peers between the article's way and ours."""
    amount, body = "one row" if rows == 1 else f"{rows:,} rows", applications.array(rows)
    between = [
        Contender(f"{name}, {amount}", rows, partial(load.Job, port, peer_servers.PATH, body))
        for name, port in ports.items()
    ]
    return [*contenders[:1], *between, *contenders[1:]]


def _contenders(
    theirs: Callable[..., load.Job], ours: Callable[..., load.Job]
) -> tuple[list[Contender], list[Contender]]:
    api, rows = "/api/v1/predictions/", applications.ROWS
    article, array = applications.article(rows), applications.array()
    return (
        [
            Contender("article's way, one row", 1, partial(theirs, body=applications.article(1))),
            Contender("ours, one row", 1, partial(ours, api, applications.one())),
        ],
        [
            Contender(f"article's way, {rows:,} rows", rows, partial(theirs, body=article)),
            Contender(f"ours, {rows:,} rows", rows, partial(ours, api, array)),
            Contender(f"ours at /predict, {rows:,} rows", rows, partial(ours, "/predict", article)),
        ],
    )
