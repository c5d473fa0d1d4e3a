"""The options of the command line: what may be written, and the first look at it.

An empty text is no default, a number is a number; every mistake is one line that says what to try.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

__all__ = ["FORMATS", "TABLES", "joined", "parser"]

FORMATS = ("text", "latex", "markdown", "html", "pdf", "json")
TABLES = ("text", "html", "latex", "csv", "json")


def joined(arguments: Sequence[str]) -> list[str]:
    """`--box -1,1` as `--box=-1,1`: argparse takes -1,1 for an option."""
    found: list[str] = []
    for argument in arguments:
        if found and found[-1] == "--box" and argument[:1] == "-":
            found[-1] += f"={argument}"
        else:
            found.append(argument)
    return found


class _Parser(argparse.ArgumentParser):
    """Errors in one line that says what to try."""

    def error(self, message: str) -> Any:
        from .errors import one_line
        print(f"{self.prog}: {one_line(message)}; see {self.prog} --help", file=sys.stderr)
        raise SystemExit(2)


def parser() -> argparse.ArgumentParser:
    whole = _Parser(prog="symgrad", description="Derive, check and bound the gradients of neural networks, every line "
                     "a theorem.")
    whole.add_argument("--version", action="store_true", help="print the version and exit")
    commands = whole.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)

    derive = commands.add_parser("derive", help="derive the backpropagation equations of a network",
                                 description="Derive the gradients of a network; without --layers or --chain, of a dense "
                                 "network of symbolic depth and widths.")
    _network(derive)
    derive.add_argument("--wrt", type=_given, metavar="NAMES", help="parameters, such as w2,b1,x (all by default)")
    derive.add_argument("--data", type=_given, metavar="digits|FILE",
                        help="evaluate every line on the handwritten digits, or on a .npz, .npy or .csv file")
    derive.add_argument("--examples", type=_positive, default=8, metavar="N", help="examples of the data to use (8)")
    _weights(derive)
    derive.add_argument("--seed", type=_seed, default=0, help="seed of drawn parameters (0)")
    _output(derive, FORMATS)

    gradient = commands.add_parser("gradient", help="differentiate a formula of matrices",
                                   description="The derivative of a formula of matrices, vectors and scalars, proved: "
                                   "symgrad gradient 'norm(W@x - b)**2' --wrt W --shapes 'W: m n, x: n, b: m'")
    gradient.add_argument("formula", metavar="FORMULA", help="with + - * / @ **, .T, trace, norm, inv, log_det, exp, softmax, …")
    gradient.add_argument("--wrt", type=_given, metavar="LETTERS",
                          help="letters to differentiate by, such as W,x (all by default)")
    gradient.add_argument("--shapes", metavar="SHAPES", default="", help="'W: m n, x: n, s:' (nothing: a scalar)")
    gradient.add_argument("--kind", choices=("gradient", "jacobian", "hessian"),
                          help="gradient of a scalar, jacobian of a column")
    _output(gradient, ("text", "latex", "json"))

    prove = commands.add_parser("prove", help="run theorem files: every claim proved, or refuted and corrected",
                                description="Run the bundled theorem files, or those in the folders and files named.")
    prove.add_argument("paths", nargs="*", metavar="PATH")
    prove.add_argument("--certificates", type=_given, metavar="DIR",
                       help="write each theorem's certificate, for python -m symgrad.verify")
    prove.add_argument("--jobs", type=_positive, metavar="N", help="processes (one a core)")
    _output(prove, ("text", "html", "latex", "markdown", "json"))

    compiled = commands.add_parser("compile", help="write a fast NumPy evaluator of the gradients as a module")
    _network(compiled, "sigmoid")
    compiled.add_argument("--dtype", type=_given, default="float64", metavar="TYPE", help="float64 or float32")
    compiled.add_argument("--reduce", type=_given, default="mean", metavar="mean|sum", help="the loss over a batch (mean)")
    compiled.add_argument("--backend", type=_given, default="numpy", help="numpy, numba, jax or torch")
    compiled.add_argument("-o", "--output", type=_given, metavar="FILE", help="the module to write (standard output otherwise)")

    bound = commands.add_parser("bound", help="certified bounds of every gradient norm")
    _network(bound, "sigmoid")
    _weights(bound)
    bound.add_argument("--data", type=_given, metavar="digits|FILE",
                       help="inputs and targets: the handwritten digits, or a .npz, .npy or .csv file (drawn otherwise)")
    bound.add_argument("--examples", type=_positive, default=8, metavar="N", help="examples of the data to use (8)")
    bound.add_argument("--seed", type=_seed, default=0, help="seed of drawn parameters and data (0)")
    bound.add_argument("--norm", type=_given, default="2", metavar="1|2|inf", help="the norm (2)")
    bound.add_argument("--box", metavar="LOWER,UPPER", help="bounds for every input with entries between the two")
    bound.add_argument("--of", choices=("b", "w", "delta"), help="bounds of ‖∂C/∂b^l‖ (where there are biases), ‖∂C/∂w^l‖ or "
                       "‖δ^l‖")
    bound.add_argument("--lower", action="store_true", help="lower bounds of a batch too (of one example always)")
    bound.add_argument("--seconds", type=_given, metavar="S", help="computing time after which nothing is refined any more")
    bound.add_argument("--plot", type=_given, metavar="FILE", help="draw the bounds (extra: plot)")
    bound.add_argument("--explain", action="store_true", help="say why the gradient vanishes or explodes")
    _output(bound, TABLES)
    return whole


def _network(parser: argparse.ArgumentParser, activation: str | None = None) -> None:
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--layers", type=_given, metavar="WIDTHS", help="widths such as 64,30,10")
    kind.add_argument("--chain", type=_given, metavar="L", help="a chain of L weights, one neuron a layer (L: symbolic depth)")
    parser.add_argument("--activation", type=_given, metavar="NAMES", default=activation,
                        help="one activation, or one a layer: sigmoid,tanh; or a formula in x "
                        f"({activation or 'an abstract σ'} by default)")
    parser.add_argument("--loss", type=_given, metavar="NAME", help="half-squared-error (dense: always; chain: F = o_L without)")
    parser.add_argument("--input", choices=("none", "x"), default="none",
                        help="chain: o_1 = w_1 and L-1 activations (none), or an input x and L activations (x)")
    parser.add_argument("--bias", action="store_true", help="chain: with biases")


def _weights(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--weights", type=_given, metavar="FILE", help="parameters from a .npz, .safetensors or .pt file (drawn "
                        "otherwise); without --layers its shapes say the widths")


def _output(parser: argparse.ArgumentParser, formats: Sequence[str]) -> None:
    parser.add_argument("--format", choices=formats, help=f"{', '.join(formats)} (text, or what FILE's ending says)")
    parser.add_argument("-o", "--output", type=_given, metavar="FILE", help="write to a file, whole or not at all")


def _seed(text: str) -> int:
    if not text.isdecimal() or len(text) > 100:
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 on (at most 100 digits), got {text!r}")
    return int(text)


def _positive(text: str) -> int:
    value = int(text) if text.isdecimal() and len(text) < 10 else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a positive integer below 10^9, got {text!r}")
    return value


def _given(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("got an empty text; leave the option out for its default")
    return text
