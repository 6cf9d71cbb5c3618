"""gunicorn's settings for one small machine."""

import os

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
