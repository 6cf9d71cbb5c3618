"""A cheap load generator: one process, raw sockets, connections that stay open.

Each connection sends a request, waits for the whole reply, and sends the next. It parses
the head of a reply only. Only 2xx replies inside the time window count. A caller that gets 503 with
Retry-After waits, as the contract asks.
"""

import asyncio
import functools
import itertools
import re
import time
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from benchmarks.data import applications
from benchmarks.data.loan_ids import LoanIds

PATIENCE = 180.0  # seconds for open requests when the window closes
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_RETRY = re.compile(rb"retry-after: (\d+)", re.IGNORECASE)
_CLOSES = re.compile(rb"connection: close", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Job:
    """A request, its address, and how long to send it."""

    ports: Sequence[int]  # of the server's processes, which get equally many connections
    path: str
    body: bytes
    connections: int
    seconds: float
    stored: int  # predictions that the site had before
    token: str = ""

    def request(self) -> bytes:
        """Return the bytes of a request, with marks in place of Loan_IDs."""
        lines = [
            f"POST {self.path} HTTP/1.1",
            "Host: 127.0.0.1",
            "Content-Type: application/json",
            f"Content-Length: {len(self.body)}",
            *([f"Authorization: Token {self.token}"] if self.token else []),
        ]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(slots=True)
class Result:
    """Latencies of counted replies in seconds, the first refusal, and the CPU share of the generator.

    `answered` counts the 2xx replies after the window closed too.
    """

    seconds: float
    latencies: list[float] = field(default_factory=list)
    answered: int = 0
    refused: int = 0
    refusal: str = ""
    cpu_share: float = 0.0


def run(job: Job) -> Result:
    """Run the job and return its result."""
    started = time.process_time()
    result = asyncio.run(_Run(job).all())
    result.cpu_share = (time.process_time() - started) / job.seconds
    return result


@functools.cache
def _loan_ids(stored: int) -> LoanIds:
    """Return the Loan_IDs of this process, cached so that no new one is repeated."""
    return LoanIds(stored)


def answers(job: Job) -> bool:
    """Send one request; return whether its reply is 2xx."""
    body = applications.filled(job.body, _loan_ids(job.stored))
    headers = {"Content-Type": "application/json", "Authorization": f"Token {job.token}"}
    request = urllib.request.Request(f"http://127.0.0.1:{job.ports[0]}{job.path}", body, headers)
    with suppress(OSError, HTTPException), urllib.request.urlopen(request, timeout=PATIENCE):
        return True
    return False


class _Run:
    def __init__(self, job: Job) -> None:
        self.job, self.result = job, Result(job.seconds)
        self.template, self.loan_ids = job.request(), _loan_ids(job.stored)
        self.until = time.perf_counter() + job.seconds

    async def all(self) -> Result:
        """Keep every connection busy until the window closes; then let the open requests finish."""
        ports = itertools.islice(itertools.cycle(self.job.ports), self.job.connections)
        loops = [self._one(port) for port in ports]
        await asyncio.wait_for(asyncio.gather(*loops), self.job.seconds + PATIENCE)
        return self.result

    async def _one(self, port: int) -> None:
        connection = None
        while time.perf_counter() < self.until:
            if connection is None or connection.closed:
                connection = await self._connect(port)
            await self._exchange(connection)
        if connection is not None:
            connection.transport.close()

    async def _connect(self, port: int) -> "_Connection":
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(_Connection, "127.0.0.1", port)
        return connection

    async def _exchange(self, connection: "_Connection") -> None:
        request = applications.filled(self.template, self.loan_ids)
        started = time.perf_counter()
        try:
            head = await connection.send(request)
        except ConnectionError as error:
            head = str(error).encode()
        ended = time.perf_counter()
        if not head.startswith(b"HTTP/1.1 2"):
            self.result.refused += 1
            self.result.refusal = self.result.refusal or head.split(b"\r\n", 1)[0].decode("latin-1")
            if wait := _RETRY.search(head):
                await asyncio.sleep(int(wait[1]))
            return
        self.result.answered += 1
        if ended <= self.until:
            self.result.latencies.append(ended - started)


class _Connection(asyncio.Protocol):
    """One socket, which sends a request and returns the head of the reply when its body is complete."""

    transport: asyncio.Transport
    reply: "asyncio.Future[bytes]"
    closed = False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def send(self, request: bytes) -> "asyncio.Future[bytes]":
        """Send a request and return the future of the reply's head."""
        self.received, self.missing = b"", -1
        self.reply = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self.reply

    def data_received(self, data: bytes) -> None:
        if self.missing >= 0:
            self.missing -= len(data)
        else:
            self._read_head(data)
        if self.missing == 0 and not self.reply.done():
            self.reply.set_result(self.received)

    def _read_head(self, data: bytes) -> None:
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if end and length:
            self.missing = int(length[1]) - len(body)
            self.closed = _CLOSES.search(head) is not None

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        if not self.reply.done():
            self.reply.set_exception(ConnectionError("The server closed the connection without a reply."))
