"""gunicorn's settings for one small machine."""

import gc
import os
import random
import time
from contextlib import suppress
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):
    """In the end answers those too who have connected already, and turns away at once who comes later.

    They would wait for a socket that nobody accepts from any more, and be cut off when it closes.
    """

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                self._take_all(listener)
                listener.close()

    def _take_all(self, listener: Any) -> None:
        taken = -1
        while taken != self.nr_conns:
            taken = self.nr_conns
            self.accept(listener)


class Log(Logger):
    """Writes lines like the site's own; what callers sent, which may hold an applicant's data, stays out."""

    error_fmt = "%(asctime)s %(levelname)s - gunicorn[%(process)d] %(message)s"
    datefmt = None

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        if msg.startswith("Invalid request from"):
            msg = ": ".join(msg.split(": ")[:2])
        super().warning(msg, *args, **kwargs)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        if msg.startswith("Error handling request"):
            msg, args = "Error handling a request", ()
        super().exception(msg, *args, **kwargs)


logger_class = Log
bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
worker_class = Worker
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
# The application is loaded once and shared; nothing opens a database connection before the fork.
preload_app = True
max_requests = 100_000
max_requests_jitter = 20_000
keepalive = 15
# Nobody steers a running instance, and its socket would lie in the home folder.
control_socket_disable = True
# Long enough for the largest body at a slow client's pace; a stuck worker is replaced.
timeout = 60

LARGE = 20_000  # bytes of a body: about a hundred applications
# A refused body is dropped for so long, and up to so many bytes, for its sender to read why.
MOST_SECONDS, MOST_BYTES, PART = 2.0, 64 << 20, 1 << 20


def pre_fork(server: Any, worker: Any) -> None:
    """Choose a core that has the fewest workers.

    A worker's threads share one interpreter lock: a second core would not help them, it would only take their
    data from the first one's cache at every turn. On a core of its own a worker is half as quick again.
    """
    taken = [other.core for other in server.WORKERS.values()]
    worker.core = min(_cores(), key=taken.count, default=None)


def post_fork(server: Any, worker: Any) -> None:
    """Keep the garbage collector off what was loaded before the fork."""
    if worker.core is not None:
        os.sched_setaffinity(0, {worker.core})
    gc.freeze()


def _cores() -> list[int]:
    """Return the cores that this process may use; none where the system does not tell."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def pre_request(worker: Any, req: Any) -> None:
    """Close the connection after a large body, and some of a crowded worker: they come back to an idle one.

    Workers take connections without regard to each other, and a kept-alive one stays where it is. Beside a
    large body's work a new connection costs nothing.
    """
    crowded = worker.nr_conns > worker.cfg.threads and random.random() < 0.02  # noqa: S311 - no secret
    headers = dict(req.headers)
    if crowded or _length(headers) > LARGE or "TRANSFER-ENCODING" in headers:
        req.force_close()


def post_request(worker: Any, req: Any, environ: dict[str, Any], resp: Any) -> None:
    """Drop, within bounds, what is left of a body after its reply, if the connection ends here.

    A client that still sends would be cut off, and take the reply for a broken connection.
    """
    if resp is None or not resp.headers_sent or not resp.should_close():
        return
    connection, last, left = environ["gunicorn.socket"], time.monotonic() + MOST_SECONDS, MOST_BYTES
    with suppress(OSError):
        while left > 0 and (seconds := last - time.monotonic()) > 0:
            connection.settimeout(seconds)
            part = req.body.read(PART)
            if not part:
                break
            left -= len(part)


def _length(headers: dict[str, str]) -> int:
    given = headers.get("CONTENT-LENGTH", "")
    return int(given) if given.isdecimal() else 0
