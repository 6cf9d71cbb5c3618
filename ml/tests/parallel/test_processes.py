"""Work that is shared by processes looks like work that is not."""

import itertools
import os
import signal
import subprocess
import sys

import pytest

from ml.errors import WorkerLost
from ml.parallel.processes import map_in_order, processes_for_maps

SLEEPERS = """
import sys, time
from ml.parallel.processes import map_in_order, processes_for_maps
print("begun", flush=True)
list(map_in_order(time.sleep, [60] * 9, 2))
"""


def refuse_seven(number):
    if number == 7:
        raise ValueError("seven")
    return number


def die_at_seven(number):
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def one_over(number):
    return 1 / (9 - number)


@pytest.mark.parametrize("processes", [1, 3])
@pytest.mark.parametrize("items", [0, 2, 50])
def test_results_come_in_the_order_of_the_items(items, processes):
    assert list(map_in_order(refuse_seven, range(100, 100 + items), processes)) == [*range(100, 100 + items)]


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_is_raised_when_its_turn_comes(processes):
    found = map_in_order(refuse_seven, range(50), processes)
    assert list(itertools.islice(found, 7)) == [*range(7)]
    with pytest.raises(ValueError, match="seven"):
        next(found)


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_of_the_items_waits_for_what_came_before_it(processes):
    found = map_in_order(refuse_seven, map(one_over, range(8, 20)), processes)
    assert next(found) == 1
    with pytest.raises(ZeroDivisionError):
        next(found)
    found = map_in_order(one_over, map(refuse_seven, range(5, 20)), processes)
    assert list(itertools.islice(found, 2)) == [1 / 4, 1 / 3]
    with pytest.raises(ValueError, match="seven"):
        next(found)


def test_few_items_are_taken_ahead_of_their_results():
    taken = itertools.count()
    found = map_in_order(abs, (next(taken) for _ in range(50)), 2)
    next(found)
    assert next(taken) < 10


def test_a_killed_process_is_an_error():
    with pytest.raises(WorkerLost, match="was killed"):
        list(map_in_order(die_at_seven, range(50), 2))


def test_processes_end_with_the_one_that_they_work_for():
    with subprocess.Popen([sys.executable, "-c", SLEEPERS], stdout=subprocess.PIPE) as main:
        assert main.stdout.readline() == b"begun\n"
        main.kill()
        assert main.communicate(timeout=30) == (b"", None)  # the pipe closes with the last that holds it


@pytest.mark.parametrize("processes", [1, 2])
def test_maps_one_after_another_are_like_the_built_in_one(processes):
    with processes_for_maps(processes) as each:
        assert list(each(refuse_seven, range(100, 150))) == [*range(100, 150)]
        assert list(each(one_over, [8, 7])) == [1, 1 / 2]
        assert not list(each(abs, []))
        with pytest.raises(ValueError, match="seven"):
            list(each(refuse_seven, range(50)))
