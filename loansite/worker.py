"""gunicorn's worker with threads, which answers calls of the hot path between two looks at its sockets.

Its main thread waits for sockets and gives each request to a thread of the pool. A whole small call that
scores is answered right there instead, together with the others that came meanwhile. Large ones stand in line
for few threads. All else is put back and goes the usual way: gunicorn reads, limits and answers it.
"""

import errno
import random
import selectors
import socket
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import OperationalError
from gunicorn import SERVER, util  # type: ignore[import-untyped]
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

from loansite.large_calls import LARGE, PEEKED, Line, is_large
from predictions.hot import RestIsMissing

if TYPE_CHECKING:
    from predictions.hot.path import BegunCall, HotPath, Reply

_READ = 32_768  # bytes of one look at a socket
_TRIES, _PAUSE = 10, 0.0003  # to store while others write, and seconds between two
_NOT_ACCEPTED = (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK)  # the client went, or another took it
Begun = tuple[TConn, bytes, "BegunCall"]


class Worker(ThreadWorker):
    """A worker that, before it exits, answers all open connections and refuses new ones at once.

    Otherwise clients would wait at a socket that nobody accepts from, and be cut off when it closes.
    """

    hot: "HotPath"
    alive: bool

    def load_wsgi(self) -> None:
        """Load the site. gunicorn's own access log needs gunicorn's own replies."""
        super().load_wsgi()
        from predictions.services.writing.locks import is_sqlite_file

        own_log = self.cfg.accesslog or self.cfg.logconfig or self.cfg.logconfig_dict or self.cfg.statsd_host
        # A server of a database may hang, and the main thread with it.
        self._answers_between = is_sqlite_file() and not (own_log or self.cfg.is_ssl)
        self.hot = self.wsgi.hot
        self._begun: list[Begun] = []
        self._line = Line(self._start_large)

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

    def accept(self, listener: Any) -> None:
        """Accept a connection, which waits for its first bytes beside the sockets and not in a thread."""
        if self.cfg.is_ssl or not self.alive:
            super().accept(listener)
            return
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno not in _NOT_ACCEPTED:
                raise
            return
        self.nr_conns += 1
        conn = TConn(self.cfg, client, address, listener.getsockname())
        if _peeked(conn):
            conn.data_ready = True
            self.enqueue_req(conn)
        else:
            conn.set_timeout()
            self.pending_conns.append(conn)
            readable = partial(self.on_pending_socket_readable, conn)
            self.poller.register(client, selectors.EVENT_READ, readable)

    def enqueue_req(self, conn: TConn) -> None:
        """Give a request to a thread, a large call when its turn comes."""
        if not self.cfg.is_ssl and is_large(_peeked(conn)):
            self._line.join(conn)
        else:
            super().enqueue_req(conn)

    def _start_large(self, conn: TConn) -> None:
        future = self.tpool.submit(self.handle, conn)
        future.add_done_callback(partial(self.method_queue.defer, self._finish_large, conn))

    def _finish_large(self, conn: TConn, future: Any) -> None:
        self._line.leave()
        self.finish_request(conn, future)

    def _cap_keepalive(self, deadline: float) -> None:
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)

    def is_crowded(self) -> bool:
        """Return True for a few of the replies of a worker with many connections, to close theirs.

        Their clients connect again, usually to an idle worker.
        """
        return self.nr_conns > self.cfg.threads and random.random() < 0.02  # noqa: S311 - no secret

    def on_client_socket_readable(self, conn: TConn, client: Any) -> None:
        """Score a whole call of a kept-alive connection; give any other request to a thread."""
        if not self._answers_between or conn.is_http2:
            super().on_client_socket_readable(conn, client)
            return
        data = getattr(conn, "part", b"") + _received(client)
        try:
            raw = self.hot.read_raw(data, by_trusted_proxy=conn.parser.mesg._peer_is_trusted_proxy())
        except RestIsMissing:
            # Clients send head and body one after the other. A thread waits for any further part.
            if self.alive and not getattr(conn, "part", b"") and not is_large(data):
                conn.part = data
                self.keepalived_conns.remove(conn)
                self._keep(conn)
                return
            raw = None
        conn.part = b""
        begun = self.hot.begin(raw) if raw and raw.request.length < LARGE else None
        if begun is None:
            self._give_to_thread(conn, data)
        else:
            self._begun.append((conn, data, begun))

    def _give_to_thread(self, conn: TConn, data: bytes) -> None:
        conn.parser.unreader.unread(data)
        super().on_client_socket_readable(conn, conn.sock)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        super().wait_for_and_dispatch_events(timeout)
        self._line.move()
        if self._begun:
            begun, self._begun = self._begun, []
            self._store(begun)

    def _store(self, begun: list[Begun]) -> None:
        """Store calls together and reply. If others write for too long, threads wait for them instead."""
        for _ in range(_TRIES):
            outcomes = self.hot.store_at_once([call for *_, call in begun])
            if not isinstance(outcomes[0], OperationalError):
                break
            time.sleep(_PAUSE)
        stored: list[tuple[TConn, BegunCall, Any]] = []
        for (conn, data, call), outcome in zip(begun, outcomes, strict=True):
            if isinstance(outcome, Exception):
                self._give_to_thread(conn, data)
            else:
                stored.append((conn, call, outcome))
        self._answer(stored)

    def _answer(self, stored: "list[tuple[TConn, BegunCall, Any]]") -> None:
        replies: list[Reply | None]
        try:
            replies = [*self.hot.replies_to([(call, scored) for _, call, scored in stored])]
        except Exception:  # it is stored; the callers learn nothing, as if the process had died
            self.log.exception("Error handling request")
            replies = [None] * len(stored)
        date = util.http_date()
        for (conn, call, _), reply in zip(stored, replies, strict=True):
            self._count(call)
            closes = reply is None or not self.alive or self.is_crowded()
            self._reply(conn, b"" if reply is None else _as_bytes(reply, date, closes), closes)

    def _count(self, call: "BegunCall") -> None:
        if checkpoint := self.hot.due_checkpoint(call.request):
            self.tpool.submit(checkpoint)
        self.nr += 1
        if self.nr >= self.max_requests and self.alive:
            self.log.info("Autorestarting worker after current request.")
            self.alive = False

    def _reply(self, conn: TConn, data: bytes, closes: bool) -> None:
        self.keepalived_conns.remove(conn)
        try:
            rest = data[conn.sock.send(data) :]
        except BlockingIOError:
            rest = data
        except OSError:
            closes, rest = True, b""
        if not (rest or closes):
            self._keep(conn)
            return
        self.poller.unregister(conn.sock)
        future = self.tpool.submit(_send, conn, rest, closes)
        future.add_done_callback(partial(self.method_queue.defer, self.finish_request, conn))

    def _keep(self, conn: TConn) -> None:
        """Wait for what a connection sends next, for as long as gunicorn does after a reply."""
        conn.set_timeout()
        self.keepalived_conns.append(conn)


def _peeked(conn: TConn) -> bytes:
    """Return the first bytes of a connection's next request without taking them."""
    data: bytes = conn.parser.unreader.buf.getvalue() if conn.parser else b""
    try:
        return data + conn.sock.recv(PEEKED, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except OSError:  # nothing is there yet, or a thread meets the error again
        return data


def _received(client: Any) -> bytes:
    try:
        data: bytes = client.recv(_READ)
    except OSError:  # a thread meets the error again
        data = b""
    return data


def _send(conn: TConn, rest: bytes, closes: bool) -> bool:
    """Send the rest of a reply that its client reads slowly; return whether the connection stays."""
    conn.sock.setblocking(True)
    conn.sock.sendall(rest)
    return not closes


def _as_bytes(reply: "Reply", date: str, closes: bool) -> bytes:
    """Write a reply as gunicorn does."""
    head = [
        f"HTTP/1.1 {reply.status}",
        f"Server: {SERVER}",
        f"Date: {date}",
        f"Connection: {'close' if closes else 'keep-alive'}",
        *(f"{name}: {value}" for name, value in reply.headers),
    ]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + reply.body
