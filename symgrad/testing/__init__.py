"""For test authors: hypothesis strategies for networks and states, assertions on gradients and bounds; and the
refuters that attack the kernel's rules and the operations. Names are resolved on first use."""

from __future__ import annotations

_HOME = {"activations": "strategies", "batches": "strategies", "networks": "strategies", "parameters": "strategies",
         "states": "strategies", "assert_bound": "assertions", "assert_gradient": "assertions", "assert_backward": "backward"}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'symgrad.testing' has no attribute {name!r}")
    from importlib import import_module
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
