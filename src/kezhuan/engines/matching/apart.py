"""Take the steps of a long calculation in several processes and hand back the answers in order."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import signal
from collections.abc import Callable, Generator
from multiprocessing.connection import Connection
from typing import TypeVar

MOST_PROCESSES = 4
"""Every process holds its own working memory, so more would break the promise of 1 GB."""
_ROOM = 1 << 20  # bytes of answers a process may be ahead of the reader
Answer = TypeVar("Answer")


class LostProcess(Exception):
    """A process ended before its work was done, as when memory is short; the message says with which code."""


def processes_for(steps: int, least: int) -> int:
    """How many processes are worth starting when each is to take at least `least` steps; 1 where none can be forked."""
    if not hasattr(os, "sched_getaffinity"):
        return 1
    return max(1, min(len(os.sched_getaffinity(0)), MOST_PROCESSES, steps // least))


def in_order(step: Callable[[int], Answer], count: int, processes: int) -> Generator[Answer, None, None]:
    """`step(0)`, `step(1)`, … `step(count - 1)`; close it when not all of it is read.

    With more than one process each takes every n-th step and sees memory as it is at this call; answers must be
    picklable. A process waits when its answers are not fetched, so that little is held however slow the reader.
    Raises LostProcess when a process ends before its work is done.
    """
    if processes < 2:
        return (step(number) for number in range(count))
    fork = multiprocessing.get_context("fork")
    readers: list[Connection] = []
    workers: list[multiprocessing.context.ForkProcess] = []
    for first in range(processes):
        reader, writer = fork.Pipe(duplex=False)
        fcntl.fcntl(writer.fileno(), fcntl.F_SETPIPE_SZ, _ROOM)
        readers.append(reader)
        numbers = range(first, count, processes)
        workers.append(fork.Process(target=_work, args=(step, numbers, writer, readers), daemon=True))
        workers[-1].start()
        writer.close()
    return _collect(readers, workers, count)


def _work(step: Callable[[int], Answer], numbers: range, writer: Connection, readers: list[Connection]) -> None:
    # Ctrl+C reaches the whole group; the reader ends this process. It notices by itself when the reader is gone,
    # because no process but the reader keeps an end to read from.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for reader in readers:
        reader.close()
    try:
        for number in numbers:
            writer.send(step(number))
    except BrokenPipeError:
        return


def _collect(
    readers: list[Connection], workers: list[multiprocessing.context.ForkProcess], count: int
) -> Generator[Answer, None, None]:
    try:
        for number in range(count):
            which = number % len(readers)
            try:
                answer: Answer = readers[which].recv()
            except EOFError:
                workers[which].join()
                code = workers[which].exitcode
                raise LostProcess(f"a process ended with code {code} before its work was done") from None
            yield answer
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join()
        for reader in readers:
            reader.close()
