"""The same recurrences for JAX and PyTorch: plain array code over (N, n), from the same steps and the
same formulas.

`compute(values, x, y)` of the generated module is a pure function of arrays, so it can be traced,
compiled or moved to a device; `evaluate` checks shapes and gives the result the NumPy evaluator gives, in
the framework's own arrays.
"""

from __future__ import annotations

from typing import Any

from symgrad.numeric.emit_blocks import repeat_text
from symgrad.numeric.emit_check import SELF_CHECK
from symgrad.numeric.emit_module import constants, module_docstring, pasted_runtime
from symgrad.numeric.steps import Program

__all__ = ["emit_functional"]


def emit_functional(program: Program, backend: str, *, dtype: str, loss: str) -> str:
    """The source of a module for backend "jax" or "torch"."""
    step = program.layers[0].step
    uses = sorted({name for code in program.codes for name in code.uses} - _BUFFERS - {"where"})
    frame = {"jax": _JAX, "torch": _TORCH}[backend]
    imports = "\n".join(frame["special"].get(name) or frame["function"].format(name=name) for name in uses)
    formulas = "\n\n\n".join(
        f'def {code.name}_formula(z):\n    """a = σ(z) and s = σ\'(z), accurate for every finite z."""\n    '
        + "\n    ".join(code.formula)
        + "\n    return a, s"
        for code in program.codes
    )
    table = repeat_text([f"{layer.activation.name}_formula" for layer in program.layers])
    parts = [
        f'"""{module_docstring(program, dtype=dtype, loss=loss, accuracy="full", package=frame["name"])}"""',
        frame["imports"] + "\n" + imports,
        constants(program, dtype, loss) + "\nTHREADS = 1",
        formulas,
        f"SIGMA = {table}",
        _COMPUTE.format(
            law=step.law,
            forward="\n        ".join(step.forward),
            backward="\n        ".join(step.backward),
            below="\n        ".join(step.below),
            pairs=_PAIRS[program.kind],
            count="x.shape[0]",
            collect=_COLLECT[program.kind].format(stack=frame["stack"]),
            residual="\n    ".join(program.loss.plain),
        ),
        frame["glue"].replace("torch.FLOAT", f"torch.{dtype}"),
        _EVALUATE[program.kind].replace("STACK", frame["stack"]),
        "# What follows checks arguments and holds results; there is no mathematics in it.",
        pasted_runtime(),
        SELF_CHECK,
    ]
    return "\n\n\n".join(parts).rstrip() + "\n"


_BUFFERS = {"add", "copyto", "divide", "maximum", "multiply", "sign", "subtract"}

_JAX: dict[str, Any] = {
    "name": "JAX",
    "imports": """from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import accumulate, pairwise
from operator import itemgetter
from sys import getrefcount
from threading import Lock
from time import perf_counter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.numpy import where
from numpy import ndarray""",
    "function": "from jax.numpy import {name}",
    "special": {name: f"from jax.scipy.special import {name}" for name in ("erf", "erfc")},
    "stack": "jnp.stack",
    "glue": """compute_compiled = jax.jit(compute)
wide = jax.enable_x64 if hasattr(jax, "enable_x64") else jax.experimental.enable_x64


def run(values, x, y):
    with wide(DTYPE == np.dtype("float64")):
        values, x, y = jax.tree.map(lambda v: jnp.asarray(v, DTYPE), (list(values), x, y))
        return compute_compiled(values, x, y)


def shape_of(value, name):
    return tuple(np.shape(value))


def write_out(out, named):
    \"\"\"Copy the gradients into NumPy arrays of the caller; an array of JAX cannot be written to.\"\"\"
    if isinstance(out, Mapping) and any(isinstance(value, jax.Array) for value in out.values()):
        raise InputError("out holds arrays of JAX, which cannot be written to; give NumPy arrays or no out")
    named.update(read_out(out, {name: np.asarray(value) for name, value in named.items()}))""",
}
_TORCH: dict[str, Any] = {
    "name": "PyTorch",
    "imports": """from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import accumulate, pairwise
from operator import itemgetter
from sys import getrefcount
from threading import Lock
from time import perf_counter
from typing import Any

import numpy as np
import torch
from numpy import ndarray


def where(condition, yes, no):
    \"\"\"torch.where with numbers in the dtype of this module.\"\"\"
    return torch.where(condition, torch.as_tensor(yes, dtype=FLOAT), torch.as_tensor(no, dtype=FLOAT))

""",
    "function": "from torch import {name}",
    "special": {},
    "stack": "torch.stack",
    "glue": """FLOAT = torch.FLOAT


@torch.no_grad()
def run(values, x, y):
    return compute([tensor(v) for v in values], tensor(x), tensor(y))


def tensor(value):
    if isinstance(value, torch.Tensor):
        return value.to(FLOAT)
    return torch.as_tensor(np.array(value, DTYPE))


def shape_of(value, name):
    return tuple(value.shape) if isinstance(value, torch.Tensor) else np.shape(value)


def write_out(out, named):
    \"\"\"Copy the gradients into the caller's tensors or NumPy arrays, which share their memory here.\"\"\"
    tensors = isinstance(out, Mapping) and any(isinstance(value, torch.Tensor) for value in out.values())
    arrays = out
    if tensors:
        arrays = {k: v.detach().numpy() if isinstance(v, torch.Tensor) else v for k, v in out.items()}
    written = read_out(arrays, {name: value.numpy() for name, value in named.items()})
    named.update({name: out[name] if name in out else named[name] for name in written})""",
}

_PAIRS = {"dense": "values[2 * l], values[2 * l + 1]", "chain": "(values[0][l], bias(values, l))"}
_COLLECT = {
    "dense": "[g for pair in zip(grad_ws[::-1], grad_bs[::-1]) for g in pair]",
    "chain": "[{stack}(grad_ws[::-1])]"
    " + ([{stack}(grad_bs[::-1])[0 if HAS_INPUT else 1:]] if HAS_BIAS else [])",
}
_COMPUTE = '''def bias(values, l):
    """The bias of a neuron of the chain; 0 where it has none."""
    if not HAS_BIAS or (l == 0 and not HAS_INPUT):
        return 0.0
    return values[1][l if HAS_INPUT else l - 1]


def compute(values, x, y):
    """Loss, gradients in the order of SHAPES, ∂C/∂x and all δ^l, for a batch."""
    scale = 1.0 / {count} if MEAN else 1.0
    a, inputs, slopes = x, [], []
    for l in range(DEPTH):
        # {law},  a^l = σ(z^l)
        w, b = {pairs}
        inputs.append(a)
        {forward}
        a, s = SIGMA[l](z)
        slopes.append(s)
    {residual}
    grad_ws, grad_bs, deltas = [], [], []
    for l in range(DEPTH - 1, -1, -1):
        # δ^l = σ'(z^l) ⊙ (w^{{l+1}}ᵀ δ^{{l+1}}),  ∂C/∂w^l = Σ_n δ^l a^{{l-1}}ᵀ,  ∂C/∂b^l = Σ_n δ^l
        w, b = {pairs}
        a = inputs[l]
        d = g * slopes[l]
        {backward}
        {below}
        grad_ws.append(grad_w)
        grad_bs.append(grad_b)
        deltas.append(d)
    return loss, {collect}, g, deltas[::-1]'''

_CHECK = '''def checked(params, shapes=SHAPES):
    """The parameters in order, their shapes checked."""
    values = []
    for name, shape in shapes:
        try:
            value = params[name]
        except (KeyError, TypeError, IndexError):
            raise missing_parameter(params, shapes) from None
        if shape_of(value, name) != shape:
            raise InputError(f"{name} has shape {shape_of(value, name)}, expected {shape}")
        values.append(value)
    if len(params) != len(shapes):
        extra = sorted(str(name)[:40] for name in set(params) - set(NAMES))
        raise InputError(f"unknown parameter {extra[0]!r}; expected {', '.join(NAMES)}")
    return values


def finish(found, params, x, y, out, single, pack):
    """The result, after a look at whether it is finite."""
    loss, gradients, g_x, deltas = found
    loss = float(loss)
    named = dict(zip(NAMES, gradients))
    arrays = [np.asarray(g) for g in gradients]
    if not math.isfinite(loss) or not all(np.isfinite(g).all() and g.all() for g in arrays):
        # an infinite argument may hide behind a slope of 0
        given = {name: np.asarray(params[name]) for name in NAMES}
        given.update({name: np.asarray(v) for name, v in (("x", x), ("y", y)) if v is not None})
        check_finite(given, loss, {name: np.asarray(g) for name, g in named.items()})
    if out is not None:
        write_out(out, named)
    return Result(loss, named, *pack(g_x, deltas, single))

'''

_EVALUATE = {
    "dense": _CHECK
    + '''
def evaluate(params, x, y, out=None):
    """The loss and its gradients by every parameter; see the head of this module for the shapes."""
    values = checked(params)
    shapes = {name: shape_of(v, name) for name, v in (("x", x), ("y", y))}
    for (name, shape), width in zip(shapes.items(), (WIDTHS[0], WIDTHS[-1])):
        if len(shape) not in (1, 2) or shape[-1] != width:
            raise InputError(f"{name} has shape {shape}, expected ({width},) or (N, {width})")
        if 0 in shape:
            raise InputError(f"{name} is an empty batch of shape {shape}; give at least one example")
    if shapes["x"][:-1] != shapes["y"][:-1]:
        raise InputError(f"x has shape {shapes['x']} and y {shapes['y']}; give one target for each example")
    single = len(shapes["x"]) == 1
    found = run(values, x[None] if single else x, y[None] if single else y)
    return finish(found, params, x, y, out, single, pack)


def pack(g_x, deltas, single):
    return (g_x[0], tuple(d[0] for d in deltas)) if single else (g_x, tuple(deltas))''',
    "chain": _CHECK
    + '''
def evaluate(params, x=None, y=None, out=None):
    """The loss and its gradients by every parameter; see the head of this module for the shapes."""
    values = checked(params)
    if not HAS_INPUT and x is not None:
        raise InputError("this chain has no input (a^1 = w_1); give x=None")
    if not HAS_TARGET and y is not None:
        raise InputError("the loss of this chain is its output; give y=None")
    shape = shape_of(x if HAS_INPUT else y if HAS_TARGET else 0.0, "x")
    if len(shape) > 1 or (HAS_INPUT and HAS_TARGET and shape_of(y, "y") != shape):
        raise InputError(f"x has shape {shape} and y {shape_of(y, 'y')}, expected numbers or (N,) for both")
    if 0 in shape:
        raise InputError("x is an empty batch; give at least one example")
    xs = x if HAS_INPUT else np.ones(shape)
    ys = y if HAS_TARGET else np.zeros(shape)
    if not shape:
        xs, ys = np.asarray(xs)[None], np.asarray(ys)[None]
    return finish(run(values, xs, ys), params, x, y, out, not shape, pack)


def pack(g_x, deltas, single):
    stacked = STACK(deltas)
    if single:
        return (g_x[0] if HAS_INPUT else None), stacked[:, 0]
    return (g_x if HAS_INPUT else None), stacked''',
}
