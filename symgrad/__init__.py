"""symgrad: derive, check and bound the gradients of neural networks, every line a theorem.

Public names are resolved on first use, so that `import symgrad` costs next to nothing.

>>> import symgrad as sg
>>> print(sg.dense("L").derivation("b").theorem.conclusion)
∂C/∂b^l = δ^l
"""

from __future__ import annotations

__version__ = "0.1.0"

# public name -> the module that holds it
_PUBLIC = {
    "chain": "front", "dense": "front", "Network": "front", "Derived": "front",
    "activation": "operations.activation", "activations": "operations.activation",
    "Operation": "operations.record", "operation": "operations.record", "all_operations": "operations.record",
    "register": "testing.register", "assert_backward": "testing.backward", "assert_gradient": "testing.assertions",
    "gradient": "matrices.derivative", "jacobian": "matrices.derivative", "hessian": "matrices.derivative",
    "matrix": "matrices.symbols", "vector": "matrices.symbols", "scalar": "matrices.symbols", "read_formula": "matrices.read",
    "from_sympy": "matrices.from_sympy",
    "trace": "matrices.functions", "norm": "matrices.functions", "elementwise": "matrices.functions",
    "lambdify": "numeric.lambdified",
    "derivation": "derive.derivation", "theorem": "derive.derivation", "induct": "derive.derivation",
    "Proof": "derive.derivation", "Derivation": "derive.derivation", "Line": "derive.derivation",
    "chain_rule": "derive.pullback", "derivative": "derive.pullback", "gradient_of": "derive.pullback",
    "pullback": "derive.pullback", "algebra": "derive.laws",
    "proof_of": "check.lookup", "proved": "check.claims", "refuted": "check.claims", "defined": "check.claims",
    "Theorem": "kernel.theorem", "replay": "kernel.theorem",
    "SymgradError": "errors", "ShapeError": "errors", "KernelError": "errors", "ProofError": "errors",
    "ExtraMissing": "errors",
}
__all__ = ["__version__", *sorted(_PUBLIC)]


def __getattr__(name: str) -> object:
    module = _PUBLIC.get(name)
    if module is None:
        raise AttributeError(f"module 'symgrad' has no attribute {name!r}")
    from importlib import import_module
    value = getattr(import_module(f".{module}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})
