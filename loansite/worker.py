"""gunicorn's worker with threads, which answers calls of the hot path between two looks at its sockets.

Its main thread waits for sockets and gives each request to a thread of the pool. A whole small call that
scores is answered right there instead, together with the others that came meanwhile. Large ones stand in line
for few threads. All else is put back and goes the usual way: gunicorn reads, limits and answers it.
"""

import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from selectors import EVENT_READ
from typing import TYPE_CHECKING, Any

from django.db import OperationalError
from gunicorn import SERVER, util  # type: ignore[import-untyped]
from gunicorn.workers.gthread import TConn  # type: ignore[import-untyped]

from loansite.connections import ConnectionWorker
from loansite.large_calls import is_large
from predictions.hot import RestIsMissing
from predictions.services.writing.database_waits import SLOT_TIMEOUT
from predictions.services.writing.locks import LARGE_BODY

if TYPE_CHECKING:
    from loansite.postgresql.unwaited import Outcome, UnwaitedConnections
    from predictions.hot.path import BegunCall, HotPath, Reply

_READ = 32_768  # bytes of one look at a socket
_TRIES, _PAUSE = 4, 0.0003  # to store while others write, and seconds between two
_NEXT_TRIES = 0.001  # seconds, in which further calls may come
_LONGEST_WAIT = 0.05  # seconds; then calls wait in threads
Begun = tuple[TConn, bytes, "BegunCall"]


class Worker(ConnectionWorker):
    """A worker that answers small calls of the hot path itself."""

    hot: "HotPath"
    unwaited: "UnwaitedConnections | None" = None  # on PostgreSQL

    def load_wsgi(self) -> None:
        """Load the site. gunicorn's own access log needs gunicorn's own replies."""
        super().load_wsgi()
        own_log = self.cfg.accesslog or self.cfg.logconfig or self.cfg.logconfig_dict or self.cfg.statsd_host
        self._answers_between = not (own_log or self.cfg.is_ssl)
        self.hot = self.wsgi.hot
        if self._answers_between and self.hot.statement:
            self.unwaited = self._unwaited(*self.hot.statement)
        self._begun: list[Begun] = []

    def _unwaited(self, statement: str, types: Sequence[str]) -> "UnwaitedConnections":
        from loansite.postgresql.unwaited import Tools, UnwaitedConnections  # needs PostgreSQL's driver

        tools = Tools(self.poller, self.tpool.submit, self.method_queue.defer)
        return UnwaitedConnections(statement, types, tools)

    def run(self) -> None:
        super().run()
        if self.unwaited:
            self.unwaited.close()

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
        if getattr(conn, "waits", False):  # it sends more, or closes, before its reply
            self.poller.unregister(client)
            conn.is_heard = False
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
        begun = self.hot.begin(raw) if raw and raw.request.length < LARGE_BODY else None
        if begun is None:
            self._give_to_thread(conn, data)
        else:
            self._begun.append((conn, data, begun))
            self._let_wait(conn)

    def _give_to_thread(self, conn: TConn, data: bytes) -> None:
        conn.parser.unreader.unread(data)
        super().on_client_socket_readable(conn, conn.sock)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        if self.unwaited:
            super().wait_for_and_dispatch_events(min(self.unwaited.patience(timeout), self._patience()))
            self.unwaited.give_up_late()
            if self._begun:
                self._send(self.unwaited)
            return
        super().wait_for_and_dispatch_events(min(timeout, _NEXT_TRIES) if self._begun else timeout)
        if self._begun:
            self._store()

    def _patience(self) -> float:
        """Return for how long the oldest call that is not yet sent may wait for others, as in a thread."""
        waited = time.monotonic() - self._begun[0][2].started if self._begun else 0
        return max(SLOT_TIMEOUT - waited, 0)

    def _let_wait(self, conn: TConn) -> None:
        """Keep a connection whose call is being stored from being closed as an idle one."""
        self.keepalived_conns.remove(conn)
        conn.waits = conn.is_heard = True

    def _end_wait(self, conn: TConn) -> None:
        self.keepalived_conns.append(conn)
        conn.waits = False
        if not conn.is_heard:
            self.poller.register(conn.sock, EVENT_READ, partial(self.on_client_socket_readable, conn))

    def _send(self, unwaited: "UnwaitedConnections") -> None:
        """Send calls to PostgreSQL together. If all connections are busy, they wait for the next answer."""
        free = unwaited.free()
        if free is None and unwaited.are_busy:
            if not self._patience():
                self._take_outcome([], OperationalError("Others are waiting for the server."))
            return
        begun, self._begun = self._begun, []
        parameters = self.hot.parameters([call for *_, call in begun]) if free else None
        if free and parameters:
            free.send(parameters, partial(self._take_outcome, begun))
        else:
            self._take_outcome(begun, None)

    def _take_outcome(self, begun: list[Begun], outcome: "Outcome | None") -> None:
        """Reply to calls that were stored; let threads try or refuse the others."""
        refused = isinstance(outcome, OperationalError)
        if refused:  # those that wait would wait for the same server
            begun, self._begun = begun + self._begun, []
        for conn, data, _ in begun:
            self._end_wait(conn)
            if refused:
                self.hot.refuse(conn.sock)
            if not isinstance(outcome, list):
                self._give_to_thread(conn, data)
        if isinstance(outcome, list):
            calls = [call for *_, call in begun]
            self._answer(begun, partial(self.hot.replies_to_rows, calls, outcome))

    def _store(self) -> None:
        """Store calls together and reply.

        While others write, the calls wait, and more may join them. If that takes too long, threads wait.
        """
        for _ in range(_TRIES):
            outcomes = self.hot.store_at_once([call for *_, call in self._begun])
            if not isinstance(outcomes[0], OperationalError):
                break
            time.sleep(_PAUSE)
        else:
            if time.monotonic() - self._begun[0][2].started < _LONGEST_WAIT:
                return
        begun, self._begun = self._begun, []
        stored, scored = list[Begun](), []
        for one, outcome in zip(begun, outcomes, strict=True):
            self._end_wait(one[0])
            if isinstance(outcome, Exception):
                self._give_to_thread(*one[:2])
            else:
                stored.append(one)
                scored.append((one[2], outcome))
        self._answer(stored, partial(self.hot.replies_to, scored))

    def _answer(self, stored: list[Begun], make_replies: "Callable[[], list[Reply]]") -> None:
        replies: list[Reply | None]
        try:
            replies = [*make_replies()]
        except Exception:  # it is stored; the callers learn nothing, as if the process had died
            self.log.exception("Error handling request")
            replies = [None] * len(stored)
        date = util.http_date()
        for (conn, _, call), reply in zip(stored, replies, strict=True):
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
