"""The command line: `symgrad derive`, `gradient`, `prove`, `compile`, `bound`; its options stand in `options`.

Bad input is one line on standard error and exit code 2; nothing is half-written. Everything heavy is imported by the
command that needs it, so that `symgrad --help` is instant.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Any

from .options import TABLES, joined, parser

__all__ = ["main"]

_DEEPEST = 10_000                                  # layers of a printed derivation


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code (0 done, 1 a proof failed, 2 bad input, 130 interrupted)."""
    from .errors import SymgradError, one_line
    for stream in (sys.stdout, sys.stderr):               # a terminal without Greek letters shows \u03b4 for δ
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    name = "symgrad"
    try:
        given = parser()
        options = given.parse_args(joined(sys.argv[1:] if arguments is None else arguments))
        name = f"symgrad {options.command or ''}".strip()
        code = _run(given, options)
        if sys.stdout is not None:                        # None: it was closed when Python started
            sys.stdout.flush()
        return code
    except SymgradError as error:
        problem = str(error)
    except BrokenPipeError:                               # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except OSError as error:
        problem = f"{error.filename or 'standard output'}: {error.strerror or error}"
    except MemoryError:
        problem = "out of memory; try a smaller network"
    except KeyboardInterrupt:
        print("symgrad: interrupted", file=sys.stderr)
        return 130
    print(f"{name}: {one_line(problem)}", file=sys.stderr)
    return 2


def _run(given: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    if options.version:
        from . import __version__
        print(f"symgrad {__version__}")
        return 0
    if options.command is None:
        given.print_help()
        return 2
    _keep_inputs(options)
    return _COMMANDS[options.command](options)


def _keep_inputs(options: argparse.Namespace) -> None:
    """Refuse to write over a file that is read."""
    read = [getattr(options, "weights", None), getattr(options, "data", None), *getattr(options, "paths", ())]
    for written in (options.output, getattr(options, "plot", None)):
        for path in read:
            if written and path and os.path.exists(written) and os.path.exists(path) and os.path.samefile(written, path):
                from .errors import SymgradError
                raise SymgradError(f"{written!r} is read and would be written over: name another file to write")


# ---------------------------------------------------------------- commands

def _build(options: Any) -> Any:
    from .errors import SymgradError
    from .front import chain, dense
    from .networks.network import loss_of
    activation = _activations(options.activation)
    if options.chain is not None:
        depth: Any = options.chain if options.chain == "L" else _integer(options.chain, "--chain")
        return chain(depth, activation, input=options.input, bias=options.bias, loss=options.loss)
    if options.input != "none" or options.bias:
        raise SymgradError("--input and --bias belong to --chain L")
    loss_of(options.loss)
    widths: Any = "L"
    if options.layers is None and getattr(options, "weights", None) is not None:
        from .numeric.model_files import widths_in
        widths = widths_in(options.weights)
    elif options.layers not in (None, "L"):
        widths = [_integer(w, "--layers") for w in options.layers.split(",")]
    return dense(widths, activation)


def _activations(text: str | None) -> Any:
    if text is None:
        return None
    parts: list[str] = [""]
    depth = 0
    for letter in text:                                   # a comma inside brackets belongs to a formula
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts[0] if len(parts) == 1 else parts


def _integer(text: str, option: str) -> int:
    from .errors import SymgradError
    try:
        return int(text.strip())
    except ValueError:
        raise SymgradError(f"{option} takes integers, got {text.strip()!r}: for example --layers 64,30,10 or --chain 5") from None


def _derive(options: Any) -> int:
    from .errors import SymgradError
    if options.data is None and options.weights is not None:
        raise SymgradError("--weights is for evaluating lines on data: add --data digits or --data FILE")
    net = _build(options)
    if (net.depth or 0) > _DEEPEST:
        raise SymgradError(f"a derivation prints every layer: at most {_DEEPEST} of them, got {net.depth}; "
                           "without numbers (--chain L) it is proved for every depth")
    wrt = [name.strip() for name in options.wrt.split(",")] if options.wrt else []
    if options.data is not None:
        net.need_numbers("evaluating lines on data")
    derived = net.derivation(*wrt)
    if options.data is not None:
        x, y, source = _data(options, net)
        derived = derived.measure(_parameters(options, net), x, y, source=source,
                                  seed=None if options.weights else options.seed)
    if options.format == "json" or (options.format is None and str(options.output).endswith(".json")):
        _emit(_json({"title": derived.page.title, "lines": derived.records(), "theorems": {
            name: {"text": str(t), "latex": t.latex(), "rests_on": t.rests_on()} for name, t in derived.theorems.items()}}),
            options.output)
        return 0
    if options.output:
        derived.write(options.output, options.format)
        print(f"wrote {options.output}")
        return 0
    if options.format == "pdf":
        raise SymgradError("a PDF is written to a file: add -o FILE.pdf")
    from .render.write import render
    format = options.format or "text"
    found = derived.text(_columns()) if format == "text" else str(render(derived.page, format))
    _emit(found, None)
    return 0


def _columns() -> int:
    """80 columns, or those of a narrower terminal."""
    if sys.stdout is None or not sys.stdout.isatty():
        return 80
    from shutil import get_terminal_size
    return max(40, min(80, get_terminal_size().columns))


def _gradient(options: Any) -> int:
    from .errors import SymgradError
    from .matrices import derivative
    from .matrices.read import read_formula, read_letters
    shapes = {}
    for part in filter(None, (p.strip() for p in options.shapes.split(","))):
        name, colon, sizes = part.partition(":")
        if not colon or not name.strip().isidentifier():
            raise SymgradError(f"--shapes takes letters with their sizes, such as 'W: m n, x: n, s:'; got {part!r}")
        shapes[name.strip()] = sizes.strip()
    formula, letters = read_formula(options.formula, **shapes), read_letters(shapes)
    names = [n.strip() for n in options.wrt.split(",")] if options.wrt else [n for n in letters if letters[n] in formula.free]
    unknown = next((n for n in names if n not in letters), None)
    if unknown is not None or not names:
        raise SymgradError(f"--wrt takes letters with a shape, {', '.join(letters) or 'none is given'}; got {unknown or 'none'}")
    kind = options.kind or ("gradient" if formula.is_scalar_term else "jacobian")
    found = {name: getattr(derivative, kind)(formula, letters[name]) for name in names}
    format = options.format or _ending(options.output, ("text", "latex", "json"))
    if format == "json":
        _emit(_json({"formula": str(formula), "kind": kind, "by": {
            name: {"text": str(d), "latex": d.latex(), "shape": [str(s) for s in d.shape], "theorem": str(d.theorem),
                   "where": [str(c) for c in d.conditions], "rests_on": d.theorem.rests_on()}
            for name, d in found.items()}}), options.output)
    elif format == "latex":
        _emit("\n".join(d.latex() for d in found.values()), options.output)
    else:
        from textwrap import wrap
        mark = {"gradient": "∇", "jacobian": "J ", "hessian": "H "}[kind]
        lines = []
        for name, d in found.items():
            where = f"   where {', '.join(map(str, d.conditions))}" if d.conditions else ""
            for line in (f"{mark}{name}  {formula}  =  {d}{where}", f"   ✓ proved: {d.theorem.conclusion}"):
                lines += wrap(line, _columns(), subsequent_indent="      ", break_long_words=False, break_on_hyphens=False)
        _emit("\n".join(lines), options.output)
    return 0


def _prove(options: Any) -> int:
    from .check.prove import run
    return run(options)


def _compile(options: Any) -> int:
    from .numeric.compile import network_source, write_module
    net = _build(options)
    net.need_numbers("compiling")
    chosen = {"dtype": options.dtype, "loss": options.reduce, "backend": options.backend}
    if options.output:
        write_module(net, options.output, **chosen)
        print(f"wrote {options.output}")
    else:
        _emit(network_source(net, **chosen), None)
    return 0


def _seconds(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        from .errors import SymgradError
        raise SymgradError(f"--seconds takes a number, such as 10; got {text!r}") from None


def _bound(options: Any) -> int:
    net = _build(options)
    net.need_numbers("bounding")
    format = options.format or _ending(options.output, TABLES)
    if options.explain and format in ("csv", "latex"):
        from .errors import SymgradError
        raise SymgradError(f"--explain gives words: use --format text, html or json with it, not {format}")
    params = _parameters(options, net)
    x, y, _ = _data(options, net)
    box: dict[str, Any] = {} if options.box is None else {"box": _box(options.box, net)}
    if box:                                               # one target, and the middle of the box where a point is asked for
        x, y = None, None if y is None else y[:1]
    found = net.bounds(params, x, y, norm=options.norm, lower=True if options.lower else None,
                       seconds=_seconds(options.seconds), **box)
    table = found.table(options.of)
    if options.plot:
        found.plot(options.plot, options.of)
    why = None
    if options.explain:
        why = net.explain_gradient(params, [(low + high) / 2 for low, high in zip(*box["box"], strict=True)] if box else x, y)
    _emit(table.render(format) if why is None else table.explained(why, format), options.output)
    return 0


def _ending(path: str | None, formats: Sequence[str]) -> str:
    """The format that a file's ending asks for; text for standard output."""
    if path is None:
        return "text"
    ending = os.path.splitext(path)[1].lower().lstrip(".")
    found = {"tex": "latex", "htm": "html", "txt": "text"}.get(ending, ending)
    if found not in formats:
        from .errors import SymgradError
        known = ", ".join({"text": ".txt", "latex": ".tex", "markdown": ".md"}.get(one, f".{one}") for one in formats)
        raise SymgradError(f"the name {os.path.basename(path)!r} does not say a format; end it with one of {known}, or add "
                           "--format")
    return found


def _box(text: str, net: Any) -> tuple[list[float], list[float]]:
    """LOWER,UPPER for every input, as two arrays like x."""
    from .errors import SymgradError
    try:
        low, high = (float(end) for end in text.split(","))
    except ValueError:
        raise SymgradError(f"--box takes LOWER,UPPER, such as 0,1; got {text!r}") from None
    inputs = net.widths[0] if hasattr(net, "widths") else 1
    return [low] * inputs, [high] * inputs


def _parameters(options: Any, net: Any) -> Any:
    if options.weights:
        from .numeric.model_files import load_parameters
        return load_parameters(options.weights, net)
    return net.draw_parameters(options.seed)


def _data(options: Any, net: Any) -> tuple[Any, Any, str]:
    """A batch of inputs and targets: the digits, a file, or drawn numbers."""
    from .numeric.batches import batch
    return batch(options.data, net, options.examples, options.seed)


def _json(value: Any) -> str:
    import json
    return json.dumps(value, indent=2, ensure_ascii=False)


def _emit(text: str, path: str | None) -> None:
    if path:
        from .files import write_file
        write_file(text if text.endswith("\n") else text + "\n", path)
        print(f"wrote {path}")
    else:
        print(text)


_COMMANDS = {"derive": _derive, "gradient": _gradient, "prove": _prove, "compile": _compile, "bound": _bound}


if __name__ == "__main__":
    raise SystemExit(main())
