"""Run one theorem file in this process and decide its claims."""

from __future__ import annotations

import io
import re
import sys
import traceback
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any

from ..errors import SymgradError
from ..kernel.theorem import RULES
from .claims import Claim, ClaimError, collecting
from .discover import bundled
from .runner import FAILED, ClaimResult, FileResult, Wanted

__all__ = ["claims_of", "load_shared", "run_file"]

_PACKAGE = "theorems"
_VERDICTS = {"proved": "proved", "refuted": "refuted and corrected", "defined": "defined"}


def run_file(path: Path, wanted: Wanted) -> FileResult:
    """Run a theorem file as a module of its own and decide each claim it makes; never raises."""
    start = perf_counter()
    rules = dict(RULES)
    made: list[tuple[Any, float]] = []
    elsewhere: list[Claim] = []
    error, namespace = "", {}

    def listen(claim: Claim, file: str) -> None:
        if file == str(path):
            made.append((claim, perf_counter()))
        else:
            elsewhere.append(claim)                          # what a neighbour claims is its own affair

    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        try:
            with collecting(listen):
                namespace = _executed(path)
        except BaseException as problem:                     # a file may raise anything, SystemExit too
            error = explained(problem, path)
        if rules != RULES:
            error = error or f"{path.name}: it changes the rules of the kernel"
        results, before = [], start
        known = {id(claim) for claim in (*elsewhere, *(claim for claim, _ in made))}
        made += [(value, perf_counter()) for value in namespace.values()
                 if isinstance(value, Claim) and id(value) not in known]
        for claim, at in made:
            results.append(_decided(claim, path, at - before, wanted))
            before = at
    if not results and not error:
        error = f"{path.name}: it makes no claim: call proved(...), refuted(...) or defined(...)"
    if error:
        results.append(ClaimResult(path.name, "", FAILED, error=error))
    return FileResult(path, tuple(results), perf_counter() - start)


def claims_of(path: Path) -> list[Claim]:
    """Run a theorem file in this process and return the claims it makes. Raises what the file raises."""
    found: list[Claim] = []

    def listen(claim: Claim, file: str) -> None:
        if file == str(path):
            found.append(claim)

    with collecting(listen):
        _executed(path)
    return found


def _executed(path: Path) -> dict[str, Any]:
    """Run the file as a module of a package that is its folder: `from .bp1 import bp1` finds a neighbour."""
    _enter(path.resolve().parent)
    module = ModuleType(f"{_PACKAGE}.{path.stem}")
    module.__file__, module.__package__ = str(path), _PACKAGE
    sys.modules[module.__name__] = module
    exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
    return module.__dict__


def _enter(folder: Path) -> None:
    """Make the folder the package, and the place where plain imports look first."""
    package = ModuleType(_PACKAGE)
    package.__path__ = [str(folder)]
    sys.modules[_PACKAGE] = package
    if sys.path[0] != str(folder):
        sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True


def load_shared(path: Path, files: Sequence[Path]) -> None:
    """Load the neighbours that this file imports and another one too, where all files are bundled ones.

    So a bundled theorem that many rest on is proved once. The files of a user share nothing.
    """
    folder = bundled().resolve()
    if any(file.resolve().parent != folder for file in files):
        return
    _enter(folder)
    import_module("symgrad.networks.descent")
    others = [_neighbours(file) for file in files if file != path]
    for name in _neighbours(path):
        if any(name in theirs for theirs in others):
            with suppress(Exception):                            # the files that import it will say what is wrong
                _share(folder, name)


def _share(folder: Path, name: str) -> None:
    """Load a neighbour, after those it imports, under both names that it may be imported by."""
    if f"{_PACKAGE}.{name}" not in sys.modules:
        for other in _neighbours(folder / f"{name}.py"):
            _share(folder, other)
        sys.modules[name] = import_module(f"{_PACKAGE}.{name}")


@lru_cache(maxsize=512)
def _neighbours(path: Path) -> tuple[str, ...]:
    """The neighbours a file imports: `from .bp1 import bp1`, `from bp1 import bp1`, `from . import bernoulli`."""
    text = path.read_text(encoding="utf-8", errors="replace")
    names = re.findall(r"^from \.?(?: import )?(\w+)", text, re.MULTILINE)
    return tuple(name for name in names if (path.parent / f"{name}.py").is_file())


def _decided(claim: Any, path: Path, seconds: float, wanted: Wanted) -> ClaimResult:
    start = perf_counter()
    name, claimed = str(claim.id), str(claim.claimed)
    try:
        if type(claim) is not Claim:
            raise ClaimError(f"expected a Claim, got {type(claim).__name__}")
        claim.verify()
        conclusions = tuple(str(proof.theorem) for proof in claim.proofs)
        rests_on = {kind: list(names) for kind, names in claim.rests_on().items()}
        result = ClaimResult(
            name, claimed, _VERDICTS[claim.verdict], "; ".join(conclusions) or None,
            _certified(claim, wanted.certificates), rests_on, conclusions=conclusions,
            section=_section(claim, path.name) if wanted.sections else None)
    except Exception as problem:
        result = ClaimResult(name, claimed, FAILED, error=f"{path.name}: {name}: {_words(problem)}")
    return replace(result, seconds=seconds + perf_counter() - start)


def _certified(claim: Claim, folder: str | None) -> str | None:
    """The claim's theorems written as certificates, in one file named by its id."""
    if folder is None or not claim.proofs:
        return None
    from ..kernel.record import write_certificate
    target = Path(folder) / f"{re.sub(r'[^A-Za-z0-9]+', '-', claim.id).strip('-') or 'claim'}.jsonl"
    write_certificate([(f"{claim.id}: {proof.name}", proof.theorem) for proof in claim.proofs], target)
    return str(target)


def _section(claim: Claim, file: str) -> Any:
    from .report import claim_section
    return claim_section(claim, file)


def explained(problem: BaseException, path: Path) -> str:
    """One line: the file, the line of it where things went wrong, what went wrong."""
    if isinstance(problem, SyntaxError) and problem.filename == str(path):
        return f"{path.name}:{problem.lineno}: syntax error: {problem.msg}"
    line = next((frame.lineno for frame in reversed(traceback.extract_tb(problem.__traceback__))
                 if frame.filename == str(path)), None)
    return f"{path.name}{f':{line}' if line else ''}: {_words(problem)}"


def _words(problem: BaseException) -> str:
    """What an error says; errors that are not symgrad's are named."""
    text = " ".join(str(problem).split())
    if isinstance(problem, SymgradError) and text:
        return text
    return f"{type(problem).__name__}: {text}" if text else type(problem).__name__
