"""manage.py that sends itself a signal at one point of its work: `doomed POINT SIGNAL COMMAND...`.

As real a death as any: nothing is unwound, and the database hears of it from the operating system.
"""

import functools
import itertools
import os
import pkgutil
import signal
import sys
from collections.abc import Callable
from typing import Any

import django
from django.core.management import execute_from_command_line
from django.db import connection

Strike = Callable[[], None]


def before(holder: str, name: str, nth: int) -> Callable[[Strike], None]:
    """Strike when a function is called for the nth time."""
    return functools.partial(_wrap, holder, name, nth, early=True)


def after(holder: str, name: str, nth: int) -> Callable[[Strike], None]:
    """Strike when a function's nth call has done its work."""
    return functools.partial(_wrap, holder, name, nth, early=False)


def at_statement(beginning: str, nth: int) -> Callable[[Strike], None]:
    """Strike when the database is asked for the nth statement that begins so."""

    def install(strike: Strike) -> None:
        numbers = itertools.count(1)

        def execute(go_on: Any, sql: str, *arguments: Any) -> Any:
            if sql.startswith(beginning) and next(numbers) == nth:
                strike()
            return go_on(sql, *arguments)

        connection.execute_wrappers.append(execute)

    return install


def _wrap(holder: str, name: str, nth: int, strike: Strike, *, early: bool) -> None:
    place, numbers = pkgutil.resolve_name(holder), itertools.count(1)
    function = getattr(place, name)

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        struck = next(numbers) == nth
        if struck and early:
            strike()
        answer = function(*args, **kwargs)
        if struck and not early:
            strike()
        return answer

    setattr(place, name, wrapped)


WORK = "predictions.services.batches.work"
SCORING = "predictions.services.scoring.scoring"
WORKER = {
    "in the walk": before("ml.tables.repeats:RepeatedLoanIds", "add", 2),
    "claimed": before(WORK, "score_chunk", 2),
    # The first chunk's: its explanations are stored, its predictions are not.
    "scored": before(SCORING, "write_transaction", 2),
    # The last chunk's: all is written, the batch's end too, and nothing is committed.
    "in the transaction": after(WORK, "end_batch", 1),
    "committed": after(WORK, "score_chunk", 2),
}
PRUNE = {
    "between two transactions": at_statement('DELETE FROM "predictions_notice"', 2),
    "in a transaction": at_statement('DELETE FROM "predictions_prediction"', 2),
    "at the explanations": at_statement('DELETE FROM "predictions_explanation"', 1),
    "at the kept answers": at_statement('DELETE FROM "predictions_keptanswer"', 1),
}


def main(point: str, name: str, *command: str) -> None:
    django.setup()
    (WORKER | PRUNE)[point](functools.partial(os.kill, os.getpid(), signal.Signals[name]))
    execute_from_command_line(["manage.py", *command])


if __name__ == "__main__":
    main(*sys.argv[1:])
