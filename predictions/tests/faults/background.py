"""Work that goes on beside a test until its end."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from predictions.tests.faults.processes import PATIENCE


@contextmanager
def in_background(over: threading.Event, *works: Callable[[], object]) -> Iterator[None]:
    """Run each of `works` in a thread of its own; at the end set `over` and wait for all."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in threads), "A call never ends."
