"""Steps taken in several processes: in order, complete, and ended cleanly."""

import os
import signal

import pytest

from kezhuan.engines.matching import apart
from kezhuan.engines.matching.apart import LostProcess, in_order, processes_for


@pytest.mark.parametrize("processes", [1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 2, 25])
def test_answers_come_in_order_and_whole(processes: int, count: int) -> None:
    assert list(in_order(lambda number: (number, "衬底"), count, processes)) == [(n, "衬底") for n in range(count)]


def test_large_answers_do_not_block() -> None:
    sizes = [len(answer) for answer in in_order(lambda number: bytes(3_000_000 + number), 5, 2)]
    assert sizes == [3_000_000 + number for number in range(5)]


def test_processes_end_when_the_reader_stops_early() -> None:
    steps = in_order(lambda number: (os.getpid(), bytes(3_000_000)), 1000, 2)
    pids = {next(steps)[0] for _ in range(2)}
    steps.close()
    assert len(pids) == 2
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_process_that_is_killed_is_said() -> None:
    def step(number: int) -> int:
        if number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    steps = in_order(step, 10, 2)
    assert [next(steps) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(LostProcess, match="-9"):
        next(steps)


def test_interrupts_are_left_to_the_reader() -> None:
    def step(number: int) -> int:
        os.kill(os.getpid(), signal.SIGINT)
        return number

    assert list(in_order(step, 4, 2)) == [0, 1, 2, 3]


@pytest.mark.parametrize(("cores", "steps", "expected"), [(1, 9999, 1), (2, 9999, 2), (64, 9999, 4), (2, 99, 1)])
def test_processes_are_as_many_as_cores_and_work_allow(
    cores: int, steps: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart.os, "sched_getaffinity", lambda _: set(range(cores)))
    assert processes_for(steps, 50) == expected
