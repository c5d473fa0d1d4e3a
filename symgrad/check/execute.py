"""Run one theorem file in this process and decide its claims."""

from __future__ import annotations

import io
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any

from ..errors import SymgradError
from ..kernel.facts import METHODS
from ..kernel.theorem import RULES
from .claims import Claim, collecting
from .runner import FAILED, ClaimResult, FileResult, Wanted

__all__ = ["run_file"]

_VERDICTS = {"proved": "proved", "refuted": "refuted and corrected", "defined": "defined"}


def run_file(path: Path, wanted: Wanted) -> FileResult:
    """Run a theorem file as a module of its own and decide each claim it makes; never raises."""
    start = perf_counter()
    rules = dict(RULES)
    made: list[tuple[Claim, float]] = []
    error, namespace = "", {}
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        with collecting(lambda claim: made.append((claim, perf_counter()))):
            try:
                namespace = _executed(path)
            except BaseException as problem:                 # a file may raise anything, SystemExit too
                error = explained(problem, path)
        seen = {id(claim) for claim, _ in made}
        made += [(value, perf_counter()) for value in namespace.values()
                 if isinstance(value, Claim) and id(value) not in seen]
        if not error and RULES != rules:
            error = f"{path.name}: it changes the rules of the kernel"
        results, before = [], start
        for claim, at in made:
            results.append(_decided(claim, path, at - before, wanted))
            before = at
    if not made and not error:
        error = f"{path.name}: it makes no claim: call proved(...), refuted(...) or defined(...)"
    if error:
        results.append(ClaimResult(path.name, "", FAILED, error=error))
    return FileResult(path, tuple(results), perf_counter() - start)


def _executed(path: Path) -> dict[str, Any]:
    """The names a file defines. Its folder is on the path of imports, as when it is run by Python itself."""
    source = path.read_bytes()
    module = ModuleType(f"theorems_{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    sys.path.insert(0, str(path.resolve().parent))
    exec(compile(source, str(path), "exec"), module.__dict__)
    return module.__dict__


def _decided(claim: Claim, path: Path, seconds: float, wanted: Wanted) -> ClaimResult:
    start = perf_counter()
    name, claimed = str(claim.id), str(claim.claimed)
    try:
        Claim.verify(claim)
        theorems = [proof.theorem for proof in claim.proofs]
        rests_on = {kind: list(names) for kind, names in claim.rests_on().items()}
        section = None
        if wanted.sections:
            from .report import claim_section
            section = claim_section(claim, path.name)
        seconds += perf_counter() - start
        conclusions = tuple(map(str, theorems))
        return ClaimResult(name, claimed, _VERDICTS[claim.verdict], "; ".join(conclusions) or None, None, rests_on,
                           seconds, conclusions=conclusions, section=section)
    except Exception as problem:
        return ClaimResult(name, claimed, FAILED, seconds=seconds + perf_counter() - start,
                           error=f"{path.name}: {name}: {_words(problem)}")


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
