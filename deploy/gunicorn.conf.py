"""gunicorn's settings for one small machine."""

import gc
import os
import random
from typing import Any

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
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


def post_fork(server: Any, worker: Any) -> None:
    """Keep the garbage collector off what was loaded before the fork, and let a call's rows live in peace."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pre_request(worker: Any, req: Any) -> None:
    """Close some connections of a crowded worker after their reply: they come back where a worker is idle.

    Workers take connections without regard to each other, and a kept-alive one stays where it is.
    """
    if worker.nr_conns > worker.cfg.threads and random.random() < 0.1:  # noqa: S311 - no secret
        req.force_close()
