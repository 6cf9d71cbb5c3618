"""Everything that a process remembers between requests, and the one function that forgets it.

State of a process is kept in `predictions.live` and `predictions.services.writing` only; a test checks all
the other packages. Calls per caller (`services.writing.call_times`) are counted in files that all processes
share.
"""

from threading import Lock

from cachetools import TTLCache

from predictions.live import active_model, active_policy, decision_codes, products, schemas
from predictions.log_lines import end_request
from predictions.services.writing import checkpoints, database_waits, group_commit, inserts, locks

TOKEN_CACHE_SECONDS = 1.0  # a revoked token, or a role taken away, counts after this long
token_cache: TTLCache[str, object] = TTLCache(maxsize=1024, ttl=TOKEN_CACHE_SECONDS)
token_cache_lock = Lock()


def reset_process_state() -> None:
    """Forget everything, as in a process that has just started.

    This is for tests: no other thread may be answering a request.
    """
    active_model.reset()
    active_policy.forget()
    decision_codes.forget()
    products.forget()
    schemas.reset()
    with token_cache_lock:
        token_cache.clear()
    inserts.reset()
    checkpoints.reset()
    locks.reset()
    group_commit.reset()
    database_waits.reset()
    end_request()
