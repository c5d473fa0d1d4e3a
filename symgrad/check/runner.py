"""Run theorem files and gather the verdicts: plain results, one a claim.

Every file runs in a process of its own (see `processes`), which decides every claim anew (see `execute`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .processes import Broken, Ended, each_in_its_process

if TYPE_CHECKING:
    from ..render.page import Section

__all__ = ["FAILED", "ClaimResult", "FileResult", "Wanted", "claims_in_order", "run_files"]

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


def claims_in_order(results: Iterable[FileResult]) -> list[ClaimResult]:
    """Every claim, by its id: C2 before C10; files that could not be run come last."""
    def key(claim: ClaimResult) -> tuple[bool, list[tuple[str, int]]]:
        parts = re.findall(r"(\D*)(\d*)", claim.id)
        return not claim.claimed, [(text, int(digits or 0)) for text, digits in parts]
    return sorted((claim for result in results for claim in result.claims), key=key)


def run_files(files: Sequence[Path], wanted: Wanted | None = None, *, jobs: int | None = None,
              timeout: float = 120.0, report: Callable[[FileResult], None] = lambda result: None,
              ) -> list[FileResult]:
    """Run the files, `jobs` at a time, each for at most `timeout` seconds; `report` hears of each as it is
    done.

    The results are in the order of the files. An id that an earlier file has used already makes a claim fail.
    """
    from .execute import load_shared, run_file
    if wanted is not None and wanted.sections:
        import_module("symgrad.check.report")                # once, before the processes are forked
    found: dict[Path, FileResult] = {}
    task = partial(run_file, wanted=wanted or Wanted())
    shared = partial(load_shared, files=tuple(files))
    for ended in each_in_its_process(files, task, jobs=jobs, timeout=timeout, before=shared):
        result = ended.result if isinstance(ended.result, FileResult) else _broken(ended)
        found[ended.path] = result
        report(result)
    return _without_duplicates([found[path] for path in files])


def _broken(ended: Ended[FileResult]) -> FileResult:
    assert isinstance(ended.result, Broken)
    name = ended.path.name
    claim = ClaimResult(name, "", FAILED, error=f"{name}: {ended.result.why}", seconds=ended.seconds)
    return FileResult(ended.path, (claim,), ended.seconds)


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
