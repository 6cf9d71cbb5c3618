"""Group commit: what waits while another call is being stored is stored together, in one transaction.

The thread whose turn it is stores what the others have queued. They find it done when their turn comes.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, connection

from predictions.services.writing.locks import is_sqlite_file, write_transaction, writing_turn

T = TypeVar("T")
Store = Callable[[], T]


class _Entry:
    """What one call stores, and what became of it."""

    def __init__(self, store: Store[Any]) -> None:
        self.store, self.done = store, threading.Event()
        self.outcome: Any = RuntimeError("The thread that stored this call ended.")

    def stored(self) -> Any:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


_queue: deque[_Entry] = deque()


def store_together(store: Store[T]) -> T:
    """Call `store` in a write transaction, which it may share with other calls of this process.

    It returns once the transaction is committed. Raises what `store` raises, and as `write_transaction`.
    """
    if not is_sqlite_file() or connection.in_atomic_block:
        with write_transaction():
            return store()
    entry = _Entry(store)
    _queue.append(entry)
    try:
        with writing_turn():
            if not entry.done.is_set():
                _store_queue()
    except OperationalError:
        if _withdrawn(entry):
            raise
        entry.done.wait()  # the thread that took it waits no longer than a request may
    result: T = entry.stored()
    return result


def _withdrawn(entry: _Entry) -> bool:
    """Take an entry back; return False if a thread has taken it to store it."""
    try:
        _queue.remove(entry)
    except ValueError:
        return False
    return True


def _store_queue() -> None:
    entries = [_queue.popleft() for _ in range(len(_queue))]
    try:
        outcomes = store_group([entry.store for entry in entries])
        for entry, outcome in zip(entries, outcomes, strict=True):
            entry.outcome = outcome
    finally:
        for entry in entries:
            entry.done.set()


def store_group(stores: Sequence[Store[T]]) -> list[T | Exception]:
    """Call all of `stores` in one transaction; each in one of its own if that one refuses the rows of any.

    Returns
    -------
    list
        What each returned, or raised.
    """
    try:
        with write_transaction():
            return [store() for store in stores]
    except (OperationalError, InterfaceError) as error:  # no row's fault, and it is perhaps stored
        return [error] * len(stores)
    except Exception as error:
        return [error] if len(stores) == 1 else [store_group([store])[0] for store in stores]


def reset() -> None:
    """Forget what is queued."""
    _queue.clear()
