"""Each file in a process of its own: what it defines touches no other, and it may fail as it likes.

A process is forked from one that has symgrad loaded (spawned where the system cannot fork). What comes back
is what the task returns: plain data, never theorems. """

from __future__ import annotations

import gc
import multiprocessing
import os
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection, wait
from pathlib import Path
from time import monotonic
from typing import Any, Generic, TypeVar

__all__ = ["Broken", "Ended", "cores", "each_in_its_process"]

Result = TypeVar("Result")


@dataclass(frozen=True)
class Broken:
    """A process that gave no result, and why."""

    why: str


@dataclass(frozen=True)
class Ended(Generic[Result]):
    """A file and what became of it."""

    path: Path
    result: Result | Broken
    seconds: float


@dataclass
class _Running:
    path: Path
    process: Any
    since: float


def cores() -> int:
    """How many processes may run at a time."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def each_in_its_process(files: Sequence[Path], task: Callable[[Path], Result], *, jobs: int | None = None,
                        timeout: float = 120.0, before: Callable[[Path], None] = lambda path: None,
                        ) -> Iterator[Ended[Result]]:
    """task(file) for every file, `jobs` at a time, each for at most `timeout` seconds, in the order they end.

    `before` is called with each file in this process, before its own is started: what it loads is shared.
    The task and its result must be picklable. Theorem files that use the dense network come last: its names
    and theorems are made once before them, and every one of their processes has them. """
    context: Any = multiprocessing.get_context(
        "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn")
    waiting = sorted(files, key=_uses_dense_network)
    running: dict[Connection, _Running] = {}
    _prepare()
    try:
        while waiting or running:
            while waiting and len(running) < max(1, jobs or cores()):
                path = waiting.pop(0)
                if _uses_dense_network(path):
                    _prepare_dense_network()
                before(path)
                connection, one = _start(context, path, task)
                running[connection] = one
            left = min(one.since for one in running.values()) + timeout - monotonic()
            ready = wait(list(running), timeout=max(left, 0.0))
            for connection in [c for c in running if c in ready]:
                yield _finish(connection, running.pop(connection))
            for connection in [c for c, one in running.items() if monotonic() - one.since > timeout]:
                late = running.pop(connection)
                late.process.kill()
                late.process.join()
                yield Ended(late.path, Broken(f"still running after {timeout:g} s: it was ended"), timeout)
    finally:
        for one in running.values():
            one.process.kill()


def _start(context: Any, path: Path, task: Callable[[Path], Any]) -> tuple[Connection, _Running]:
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(there, path, task), daemon=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)          # forking beside idle threads of a BLAS
        process.start()
    there.close()
    return here, _Running(path, process, monotonic())


def _child(connection: Connection, path: Path, task: Callable[[Path], Any]) -> None:
    gc.set_threshold(200_000, 50, 50)                                # a short life: little of what it makes is garbage
    try:
        connection.send(task(path))
    except Exception as problem:
        connection.send(Broken(f"{type(problem).__name__}: {' '.join(str(problem).split())}"))
    connection.close()


def _finish(connection: Connection, one: _Running) -> Ended[Any]:
    try:
        result = connection.recv()
    except (EOFError, OSError):
        one.process.join()
        result = Broken(f"its process ended with exit code {one.process.exitcode} and no result")
    connection.close()
    one.process.join()
    return Ended(one.path, result, monotonic() - one.since)


# ---------------------------------------------------------------- what every process shares

#: what several of the bundled theorem files load, and several more through these
_SHARED = ("numpy.random", "numpy.typing", "symgrad.balls.evaluate", "symgrad.balls.program", "symgrad.check.execute",
           "symgrad.derive.laws", "symgrad.derive.laws_order", "symgrad.derive.pullback", "symgrad.front",
           "symgrad.numeric.compile", "symgrad.numeric.facts", "symgrad.numeric.paths",
           "symgrad.numeric.truth", "symgrad.operations.activation", "symgrad.operations.one_variable")


def _prepare() -> None:
    """Load what theorem files use, so that each need not; nothing here takes a name."""
    for name in _SHARED:
        import_module(name)
    gc.collect()
    gc.freeze()


def _uses_dense_network(path: Path) -> bool:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return re.search(r"^(from|import) .*(networks\.dense|backprop)\b", text, re.MULTILINE) is not None


def _prepare_dense_network() -> None:
    from ..derive.backprop import backprop
    backprop()
