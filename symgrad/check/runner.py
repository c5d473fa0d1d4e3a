"""Run theorem files, each in a process of its own: what it defines touches no other, and it may fail as it
likes.

A process is forked from one that has symgrad loaded (spawned where the system cannot fork). It runs the
file, then decides every claim anew: theorems are replayed, counterexamples evaluated. Back come plain
results, never theorems. """

from __future__ import annotations

import gc
import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..render.page import Section

__all__ = ["FAILED", "ClaimResult", "FileResult", "Wanted", "cores", "run_files"]

FAILED = "failed"


@dataclass(frozen=True)
class Wanted:
    """What a run is to produce beside the verdicts: sections of a report, a folder of certificates."""

    sections: bool = False
    certificates: str | None = None


@dataclass(frozen=True)
class ClaimResult:
    """One claim: the verdict is "proved", "refuted and corrected", "defined" or "failed" (then `error` says
    why)."""

    id: str
    claimed: str
    verdict: str
    theorem: str | None = None
    certificate: str | None = None
    rests_on: dict[str, list[str]] = field(default_factory=dict)
    seconds: float = 0.0
    error: str = ""
    conclusions: tuple[str, ...] = ()
    section: Section | None = None

    def record(self) -> dict[str, Any]:
        """As plain data for JSON."""
        names = "id", "claimed", "verdict", "theorem", "certificate", "rests_on"
        found = {name: getattr(self, name) for name in names} | {"seconds": round(self.seconds, 4)}
        return found | {"error": self.error} if self.error else found


@dataclass(frozen=True)
class FileResult:
    """One file: its claims; a file that could not be run to its end has a failed entry in its own name."""

    path: Path
    claims: tuple[ClaimResult, ...]
    seconds: float

    @property
    def failed(self) -> bool:
        return any(claim.verdict == FAILED for claim in self.claims)


def cores() -> int:
    """How many processes may run at a time."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_files(files: Sequence[Path], wanted: Wanted | None = None, *, jobs: int | None = None,
              timeout: float = 120.0, report: Callable[[FileResult], None] = lambda result: None,
              ) -> list[FileResult]:
    """Run the files, `jobs` at a time, each for at most `timeout` seconds; `report` hears of each as it is
    done.

    The results are in the order of the files. An id that an earlier file has used already makes a claim fail.
    """
    found: dict[Path, FileResult] = {}
    for result in _run(files, wanted or Wanted(), max(1, jobs or cores()), timeout):
        found[result.path] = result
        report(result)
    return _without_duplicates([found[path] for path in files])


def _without_duplicates(results: Sequence[FileResult]) -> list[FileResult]:
    """A second claim of the same id fails."""
    owners: dict[str, Path] = {}
    checked = []
    for result in results:
        claims: list[ClaimResult] = []
        for claim in result.claims:
            owner = owners.setdefault(claim.id, result.path)
            first = not any(c.id == claim.id for c in claims) and owner is result.path
            if not first:
                where = "twice in this file" if owner is result.path else f"in {owner.name} as well"
                error = f"{result.path.name}: the id {claim.id} is used {where}: ids are unique"
                claim = replace(claim, verdict=FAILED, section=None, theorem=None, error=error)
            claims.append(claim)
        checked.append(replace(result, claims=tuple(claims)))
    return checked


# ---------------------------------------------------------------- processes

@dataclass
class _Running:
    path: Path
    process: Any
    since: float


def _run(files: Sequence[Path], wanted: Wanted, jobs: int, timeout: float) -> Iterator[FileResult]:
    context: Any = multiprocessing.get_context(
        "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn")
    waiting = sorted(files, key=_names_the_dense_network)
    running: dict[Connection, _Running] = {}
    _prepare(wanted)
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                path = waiting.pop(0)
                if _names_the_dense_network(path):
                    _prepare_dense_network()
                connection, running_file = _start(context, path, wanted)
                running[connection] = running_file
            left = min(r.since for r in running.values()) + timeout - monotonic()
            ready = wait(list(running), timeout=max(left, 0.0))
            for connection in [c for c in running if c in ready]:
                yield _finish(connection, running.pop(connection))
            for connection, late in [(c, r) for c, r in running.items() if monotonic() - r.since > timeout]:
                del running[connection]
                late.process.kill()
                late.process.join()
                yield _broken(late, f"still running after {timeout:g} s: it was ended")
    finally:
        for left_over in running.values():
            left_over.process.kill()


def _start(context: Any, path: Path, wanted: Wanted) -> tuple[Connection, _Running]:
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(there, path, wanted), daemon=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)          # forking beside idle threads of a BLAS
        process.start()
    there.close()
    return here, _Running(path, process, monotonic())


def _child(connection: Connection, path: Path, wanted: Wanted) -> None:
    from .execute import run_file
    connection.send(run_file(path, wanted))
    connection.close()


def _finish(connection: Connection, running: _Running) -> FileResult:
    try:
        result = connection.recv()
        assert isinstance(result, FileResult)
    except (EOFError, OSError):
        running.process.join()
        code = running.process.exitcode
        result = _broken(running, f"its process ended with exit code {code} and no result")
    connection.close()
    running.process.join()
    return result


def _broken(running: _Running, why: str) -> FileResult:
    claim = ClaimResult(running.path.name, "", FAILED, error=f"{running.path.name}: {why}")
    return FileResult(running.path, (claim,), monotonic() - running.since)


# ---------------------------------------------------------------- what every process shares

def _prepare(wanted: Wanted) -> None:
    """Load what theorem files use, so that each need not; nothing here takes a name."""
    from ..derive import derivation, laws, pullback
    from ..numeric import truth
    from . import execute
    modules: list[Any] = [derivation, laws, pullback, truth, execute]
    if wanted.sections:
        from . import report
        modules.append(report)
    gc.collect()
    gc.freeze()


def _names_the_dense_network(path: Path) -> bool:
    """Does a file use the dense network? Then its names and theorems are made once, for all such files."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return "networks.dense" in text or "backprop" in text


def _prepare_dense_network() -> None:
    from ..derive.backprop import backprop
    backprop()
