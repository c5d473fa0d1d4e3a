"""Numbers: NumPy source from the recurrences, evaluators, and independent witnesses of their gradients.

Names are resolved on first use: importing this package costs nothing, and an evaluator needs no SymPy to run.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "Evaluator": "evaluator", "Result": "evaluator", "load_module": "evaluator",
    "Lambdified": "lambdified", "lambdify": "lambdified", "stable_form": "lambdified",
    "Witness": "forward", "ball_duals": "duals", "central_differences": "differences",
    "compile_network": "compile", "complex_step": "complex_steps",
    "complex_step_gradient": "complex_steps",
    "difference_gradient": "differences", "network_source": "compile",
    "richardson_differences": "differences",
    "write_module": "compile",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"symgrad.numeric.{_HOME[name]}"), name)
    raise AttributeError(f"module 'symgrad.numeric' has no attribute {name!r}")
