"""gunicorn's settings for one small machine."""

import gc
import os
import time
from contextlib import suppress
from typing import Any

from gunicorn.glogging import Logger

from predictions.services.writing.locks import LARGE_BODY


class Log(Logger):
    """Writes lines in the site's format, without text that callers sent: it may be an applicant's data."""

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
worker_class = "loansite.worker.Worker"
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

# A refused body is dropped for so long, and up to so many bytes, for its sender to read why.
MOST_SECONDS, MOST_BYTES, PART = 2.0, 64 << 20, 1 << 20


def pre_fork(server: Any, worker: Any) -> None:
    """Choose a core that has the fewest workers.

    A worker's threads share one interpreter lock, so a second core would not help: each switch of cores would
    lose the cached data. A worker with a core of its own is 1.5 times as fast.
    """
    taken = [other.core for other in server.WORKERS.values()]
    worker.core = min(_cores(), key=taken.count, default=None)


def post_fork(server: Any, worker: Any) -> None:
    """Exclude objects that were loaded before the fork from garbage collection."""
    if worker.core is not None:
        os.sched_setaffinity(0, {worker.core})
    gc.freeze()


def _cores() -> list[int]:
    """Return the cores that this process may use; an empty list if the system does not report them."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def pre_request(worker: Any, req: Any) -> None:
    """Close the connection after a large body, and some connections of a crowded worker.

    The client connects again, usually to an idle worker. Otherwise a kept-alive connection would stay with
    its busy worker. A new connection is cheap beside the work on a large body.
    """
    headers = dict(req.headers)
    if worker.is_crowded() or _length(headers) > LARGE_BODY or "TRANSFER-ENCODING" in headers:
        req.force_close()


def post_request(worker: Any, req: Any, environ: dict[str, Any], resp: Any) -> None:
    """Read the rest of a body after its reply, within limits, if the connection is to be closed.

    Otherwise a client that is still sending would see a broken connection instead of the reply.
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
