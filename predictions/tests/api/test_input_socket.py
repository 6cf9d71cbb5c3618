"""What only a real server shows, through gunicorn as it is deployed."""

import http.client
import json
import os
import select
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parents[3]
KEPT = 4  # seconds that a connection may be idle
CHUNKED = b"2\r\n[]\r\n0\r\n\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A gunicorn without a database. It inherits a listening socket, so that nobody waits for it to start."""
    environment = os.environ | {
        "LOANSITE_VAR": str(tmp_path_factory.mktemp("var")),
        "LOANSITE_ARTICLE_ENDPOINT": "open",
        "WEB_CONCURRENCY": "1",
    }
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "loansite.wsgi"]
        command += ["--bind", f"fd://{listener.fileno()}", "--log-level", "critical"]
        command += ["--keep-alive", f"{KEPT}"]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, pass_fds=[listener.fileno()])
        yield server.pid, listener.getsockname()
        server.terminate()
        server.wait(timeout=30)


@pytest.fixture
def send(server):
    """Send a request as bytes and return the reply."""
    _, address = server

    def exchange(head, body=b"", ends=False):
        with socket.create_connection(address, timeout=60) as connection:
            connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
            if ends:
                connection.shutdown(socket.SHUT_WR)
            response = http.client.HTTPResponse(connection)
            response.begin()
            return response, response.read()

    return exchange


@pytest.mark.parametrize(
    ("headers", "body"), [("\nTransfer-Encoding: chunked", CHUNKED), ("", b"")], ids=["chunked", "no length"]
)
def test_a_body_without_a_length_is_refused_in_json(send, headers, body):
    head = f"POST /predict HTTP/1.1\nHost: localhost\nContent-Type: application/json{headers}"
    response, content = send(head, body)
    assert (response.status, response.headers["Content-Type"]) == (411, "application/json")
    assert response.headers["X-Request-ID"]
    assert json.loads(content)["errors"][0]["code"] == "length_required"


@pytest.mark.parametrize(
    ("charset", "query", "status"),
    [("rot13", "", 415), ("rot13", "x=1", 400), ("utf-8", "&".join(["x=1"] * 1001), 400)],
    ids=["no charset of text", "no charset and a parameter", "1001 parameters"],
)
def test_a_query_that_django_cannot_take_is_refused_in_json(send, charset, query, status):
    head = f"POST /predict?{query} HTTP/1.1\nHost: localhost\nContent-Length: 2"
    response, content = send(f"{head}\nContent-Type: application/json; charset={charset}", b"[]")
    assert (response.status, response.headers["Content-Type"]) == (status, "application/json")
    assert json.loads(content)["errors"]


@pytest.mark.parametrize("path", ["/predict", "/api/v1/batches/", "/api/docs/", "/livez"])
@pytest.mark.parametrize("sent", [0, 1, 9 << 20, 20 << 20])
def test_a_client_reads_why_its_large_body_is_refused_whether_it_waits_or_sends_all(send, path, sent):
    head = f"POST {path} HTTP/1.1\nHost: localhost\nContent-Length: {20 << 20}"
    response, content = send(f"{head}\nContent-Type: multipart/form-data; boundary=x", bytes(sent))
    assert (response.status, b"larger than 8,388,608 bytes" in content) == (413, True)
    assert response.headers["Connection"] == "close"


def test_too_long_an_address_is_414_as_the_schema_says(send):
    response, _ = send(f"GET /api/v1/predictions/?x={'a' * 4094} HTTP/1.1\nHost: localhost")
    assert response.status == 414
    assert "4,094 bytes is answered 414" in settings.SPECTACULAR_SETTINGS["DESCRIPTION"]


def test_a_body_whose_sender_stops_too_early_is_refused(send):
    head = "POST /predict HTTP/1.1\nHost: localhost\nContent-Type: application/json\nContent-Length: 9"
    response, content = send(head, b"[   ]", ends=True)
    assert (response.status, json.loads(content)["errors"][0]["code"]) == (400, "incomplete_body")


@pytest.mark.slow
def test_a_request_that_began_in_time_on_an_idle_connection_may_end_later(server):
    part, rest = b"POST /api/v1/predictions/ HTTP/1.1\r\nHost: localhost\r\n", b"Content-Length: 0\r\n\r\n"
    with socket.create_connection(server[1], timeout=60) as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        first = http.client.HTTPResponse(connection)
        first.begin()
        assert (first.status, bool(first.read())) == (200, True)
        for sent in (part, rest):
            assert select.select([connection], [], [], KEPT * 0.7)[0] == []  # nobody closes it
            connection.sendall(sent)
        assert connection.recv(12).startswith(b"HTTP/1.1 ")


def test_a_worker_keeps_to_one_core(server, send):
    pid, _ = server
    send("GET /livez HTTP/1.1\nHost: localhost")
    workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    assert [len(os.sched_getaffinity(int(worker))) for worker in workers] == [1]
