"""`symgrad prove`: run theorem files, show the verdicts, write the report and the certificates."""

from __future__ import annotations

import json
import os
import shutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from ..errors import SymgradError
from .discover import theorem_files
from .runner import FileResult, Wanted, claims_in_order, run_files
from .table import summary, table

__all__ = ["add_arguments", "main", "prove", "run"]

_FORMATS = ("text", "html", "latex", "markdown", "typst", "pdf", "json")


def prove(paths: Sequence[str | os.PathLike[str]] = (), *, jobs: int | None = None, sections: bool = False,
          certificates: str | os.PathLike[str] | None = None, timeout: float = 120.0,
          report: Callable[[FileResult], None] = lambda result: None) -> list[FileResult]:
    """Run the theorem files of the paths (the bundled ones without paths), each in a process of its own.

    sections       make the sections of a report page as well certificates   a folder to write each claim's
    certificates to; it is made if it is missing Raises SymgradError for a path that is missing or holds no
    theorem file; failures of claims are in the results. """
    files = theorem_files(paths)
    folder = None if certificates is None else _folder(certificates)
    return run_files(files, Wanted(sections, folder), jobs=jobs, timeout=timeout, report=report)


def _folder(path: str | os.PathLike[str]) -> str:
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        raise SymgradError(f"cannot write certificates to {str(path)!r}: {reason}; name a folder") from None
    return os.fspath(path)


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of `symgrad prove`, for a parser of a command line."""
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATH", help="theorem files and folders (default: the bundled ones)")
    add("--format", choices=_FORMATS, help="the format of the report (what FILE's ending says)")
    add("-o", "--output", metavar="FILE", help="write the report to a file, whole or not at all")
    add("--certificates", metavar="DIR", help="write the certificates of every claim to a folder")
    add("--jobs", type=int, metavar="N", help="processes (one a core)")


def main(arguments: Sequence[str] | None = None) -> int:
    """`symgrad prove` by itself; returns the exit code."""
    parser = ArgumentParser(prog="symgrad prove", description="Run theorem files and decide every claim.")
    add_arguments(parser)
    try:
        return run(parser.parse_args(arguments))
    except SymgradError as problem:
        print(f"symgrad prove: {' '.join(str(problem).split())}", file=sys.stderr)
        return 2


def run(options: Namespace) -> int:
    """Run the command: 0 when every claim is decided, 1 when one fails. Raises SymgradError for bad input.

    A report that is not written to a file goes to standard output; the table then goes to standard error.
    """
    format = _format(options.format, options.output)
    begun = perf_counter()
    files = theorem_files(options.paths)
    certificates = getattr(options, "certificates", None)
    with _progress(len(files)) as report:
        results = prove(files, jobs=getattr(options, "jobs", None), report=report, certificates=certificates,
                        sections=format not in (None, "text", "json"))
    seconds = perf_counter() - begun
    to_file = options.output is not None
    shown = f"{table(results, _columns())}\n\n{summary(results, seconds)}"
    print(shown, file=sys.stdout if to_file or format in (None, "text") else sys.stderr, flush=True)
    if certificates is not None:
        written = sum(claim.certificate is not None for result in results for claim in result.claims)
        print(f"wrote {written} certificate files to {certificates}; check them with: "
              f"python -m symgrad.verify {Path(certificates) / '*.jsonl'}", file=sys.stderr)
    if format is not None and (to_file or format != "text"):
        _write(results, format, options.output, shown)
        if to_file:
            print(f"wrote {options.output}", file=sys.stderr)
    return 1 if any(result.failed for result in results) else 0


def _format(format: str | None, output: str | None) -> str | None:
    """The format of the report: the one asked for, else what the file's name says; None for no report."""
    if format is None and output is not None:
        from ..render.write import format_of
        return "json" if Path(output).suffix.lower() == ".json" else format_of(output)
    if format == "pdf" and output is None:
        raise SymgradError("a PDF is written to a file: add -o FILE.pdf")
    return format


def _write(results: Sequence[FileResult], format: str, output: str | None, shown: str) -> None:
    from ..render.write import render, write_file
    content: Any
    if format == "json":
        records = [claim.record() for claim in claims_in_order(results)]
        content = json.dumps(records, ensure_ascii=False, indent=1) + "\n"
    elif format == "text":
        content = shown + "\n"
    else:
        from .report import report_page
        content = render(report_page(results), format)
    if output is None:
        sys.stdout.write(content)
    else:
        write_file(content, output)


def _columns() -> int:
    return min(shutil.get_terminal_size((80, 24)).columns, 120) if sys.stdout.isatty() else 80


@contextmanager
def _progress(total: int) -> Iterator[Callable[[FileResult], None]]:
    """A bar on standard error while files run, if that is a terminal: rich's where it is installed."""
    if not sys.stderr.isatty():
        yield lambda result: None
        return
    try:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    except ImportError:
        yield from _plain_progress(total)
        return
    columns = BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}")
    with Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False) as progress:
        task = progress.add_task("", total=total)
        progress.refresh()

        def advance(result: FileResult) -> None:
            progress.update(task, advance=1, description=result.path.stem, refresh=True)
        yield advance


def _plain_progress(total: int) -> Iterator[Callable[[FileResult], None]]:
    done = 0

    def advance(result: FileResult) -> None:
        nonlocal done
        done += 1
        filled = 30 * done // total
        sys.stderr.write(f"\r{'█' * filled}{'░' * (30 - filled)} {done}/{total} {result.path.stem[:30]:30}")
        sys.stderr.flush()

    yield advance
    sys.stderr.write("\r" + " " * 78 + "\r")
    sys.stderr.flush()
