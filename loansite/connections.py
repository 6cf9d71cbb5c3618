"""gunicorn's worker with threads: which connections wait beside the sockets, and for what."""

import errno
import socket
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

from loansite.large_calls import PEEKED, Line, is_large

_NOT_ACCEPTED = (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK)  # the client went, or another took it


class ConnectionWorker(ThreadWorker):
    """A worker that, before it exits, answers all open connections and refuses new ones at once.

    Otherwise clients would wait at a socket that nobody accepts from, and be cut off when it closes. A new
    connection takes no thread before its first bytes, and a large call none before its turn.
    """

    alive: bool

    def init_process(self) -> None:
        self._line = Line(self._start_large)
        super().init_process()

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        super().wait_for_and_dispatch_events(timeout)
        self._line.move()

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
            self.poller.register(client, EVENT_READ, readable)

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


def _peeked(conn: TConn) -> bytes:
    """Return the first bytes of a connection's next request without taking them."""
    data: bytes = conn.parser.unreader.buf.getvalue() if conn.parser else b""
    try:
        return data + conn.sock.recv(PEEKED, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except OSError:  # nothing is there yet, or a thread meets the error again
        return data
