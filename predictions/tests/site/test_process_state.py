"""State of a process stands in two rooms, and one function forgets all of it."""

import ast
import functools
import importlib
import pkgutil
import queue
import threading
from collections import deque
from collections.abc import Iterator
from contextvars import ContextVar
from enum import Enum
from pathlib import Path

from cachetools import Cache

import predictions
from ml.errors import MissingExtra
from predictions.live import active_model, active_policy, products, schemas
from predictions.live.process_state import reset_process_state, token_cache
from predictions.roles import Role
from predictions.services.writing import checkpoints, database_waits, inserts, locks
from predictions.tests.helpers.api import ApiClient

ROOMS = ("predictions.live.", "predictions.services.writing.")
NO_PRODUCT = ("predictions.tests.", "predictions.migrations.")
LOCKS = (type(threading.Lock()), type(threading.RLock()), threading.local, threading.Event)
LOCKS += (threading.Condition, threading.Semaphore, threading.Thread)
HOLDERS = (Cache, ContextVar, queue.Queue, queue.SimpleQueue, functools._lru_cache_wrapper, *LOCKS)
CONTAINERS = (dict, list, set, deque, bytearray)
MAY_STAY = {
    "predictions.words.times.zone_names": "the zones of the machine do not change",
    "predictions.log_lines._request_id": "every request sets it; `end_request` resets it",
}


def product_modules(rooms: bool) -> Iterator[str]:
    """Names of modules inside, or outside, the two rooms."""
    for module in pkgutil.walk_packages(predictions.__path__, "predictions."):
        if not f"{module.name}.".startswith(NO_PRODUCT) and f"{module.name}.".startswith(ROOMS) == rooms:
            yield module.name


def state_of(name: str) -> Iterator[str]:
    """Names of a module's own globals that can change while a process runs."""
    try:
        module = importlib.import_module(name)
    except MissingExtra:  # bulk formats, which are not served
        return
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    if any(isinstance(node, ast.Global) for node in ast.walk(tree)):
        yield f"{name}: a global statement"
    for key in filter(vars(module).__contains__, bound_names(tree)):
        if _can_change(key, vars(module)[key]):
            yield f"{name}.{key}"


def bound_names(tree: ast.Module) -> Iterator[str]:
    """Names that a module assigns or defines, without those that it imports."""
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            yield statement.name
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
            yield from (name.id for name in names if isinstance(name.ctx, ast.Store))


def _can_change(key: str, value: object) -> bool:
    if isinstance(value, HOLDERS):
        return True
    if isinstance(value, CONTAINERS):
        return not key.isupper() and key not in ("urlpatterns", "__all__")
    kind = type(value)
    return kind.__module__.startswith("predictions.") and not (
        issubclass(kind, (tuple, Enum)) or getattr(kind, "__dataclass_params__", None)
    )


def test_no_state_of_a_process_stands_outside_of_the_two_rooms():
    state = [found for name in product_modules(rooms=False) for found in state_of(name)]
    assert sorted(set(state) - MAY_STAY.keys()) == []


def test_the_search_finds_all_kinds_of_state():
    state = {found for name in product_modules(rooms=True) for found in state_of(name)}
    assert {
        "predictions.live.active_model._loaded",
        "predictions.live.active_model._lock",
        "predictions.live.active_policy._remembered",
        "predictions.live.process_state.token_cache",
        "predictions.live.products: a global statement",
        "predictions.live.schemas._by_version",
        "predictions.services.writing.checkpoints._bytes_written",
        "predictions.services.writing.database_waits._serving",
        "predictions.services.writing.inserts._statement",
        "predictions.services.writing.locks._held_numbers",
        "predictions.services.writing.locks._sign_ins",
        "predictions.services.writing.locks._thread_files",
    } <= state


def test_a_reset_forgets_everything(active_version, user_with, application):
    ApiClient(user_with(Role.OFFICER)).post("/api/v1/predictions/", application)
    checkpoints._bytes_written.add_and_check(1)
    database_waits.apply_request_limits()
    database_waits.breaker.record_failure()
    while database_waits.waiting_slots.acquire(0):
        pass
    reset_process_state()
    assert active_model._states == {}
    assert active_model._loaded.cache_info().currsize == 0
    assert active_policy._remembered == {}
    assert products._known is None
    assert schemas._by_version == {}
    assert not token_cache
    assert inserts._statement.cache_info().currsize == 0
    assert checkpoints._bytes_written._bytes == 0
    assert not locks._held_numbers
    assert locks._thread_files.by_path == {}
    assert not database_waits.request_limits_apply()
    assert database_waits.breaker.may_ask()
    assert database_waits.waiting_slots.acquire(0)
    database_waits.waiting_slots.release()
