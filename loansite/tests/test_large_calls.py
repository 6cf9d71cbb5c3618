"""Large calls stand in line: few are given to threads at a time."""

import pytest

from loansite import large_calls
from loansite.large_calls import AT_ONCE, Line, is_large
from predictions.services.writing.locks import LARGE_BODY as LARGE


def head(length: object, start: str = "POST /api/v1/predictions/", ends: str = "\r\n\r\n") -> bytes:
    return f"{start} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}{ends}".encode() + b"[{}]"


LARGE_ONES = [
    head(LARGE),
    head(f"  {LARGE} "),
    head(LARGE).replace(b"Content-Length", b"content-length"),
    head(LARGE, "POST /predict"),
    head(LARGE, "POST /api/v1/products/cars/predictions/?queue=false"),
]
OTHERS = [
    b"",
    head(LARGE - 1),
    head("-1"),
    head(f"{LARGE}x"),
    head(LARGE, ends=""),  # the rest of the head is to come
    head(LARGE, "GET /api/v1/predictions/"),
    head(LARGE, "POST /batches/preview/"),  # its sender may be slow
    head(1).replace(b"[", f"\r\nContent-Length: {LARGE}\r\n".encode()),  # in the body
]


@pytest.fixture
def started() -> list[object]:
    return []


@pytest.fixture
def line(started):
    return Line(started.append)


def joined(line: Line, count: int) -> None:
    for number in range(count):
        line.join(number)


@pytest.mark.parametrize("data", LARGE_ONES)
def test_a_call_of_many_rows_that_scores_is_large(data):
    assert is_large(data)


@pytest.mark.parametrize("data", OTHERS)
def test_no_other_request_is_large(data):
    assert not is_large(data)


def test_few_are_started_at_once(line, started):
    joined(line, AT_ONCE + 3)
    assert started == [*range(AT_ONCE)]


def test_the_others_follow_in_their_order_when_one_ends(line, started):
    joined(line, AT_ONCE + 3)
    for _ in range(AT_ONCE + 3):
        line.leave()
    assert started == [*range(AT_ONCE + 3)]


def test_one_that_has_waited_for_too_long_is_started_all_the_same(line, started, monkeypatch):
    monkeypatch.setattr(large_calls, "LONGEST_WAIT", -1)
    joined(line, AT_ONCE + 3)
    assert started == [*range(AT_ONCE + 1)]  # a thread is left for small calls
