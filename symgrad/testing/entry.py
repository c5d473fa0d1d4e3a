"""The hypothesis entry point: `from_type(sg.Network)` works by installing symgrad. Imports nothing until it is used."""

from __future__ import annotations

__all__ = ["register"]


def register() -> None:
    """Tell hypothesis how to draw networks; called by hypothesis when it is imported."""
    from hypothesis import strategies as st

    from ..front import ChainNetwork, DenseNetwork, Network

    def drawn(kind: str | None) -> st.SearchStrategy[Network]:
        from .strategies import networks
        return networks(kind=kind)

    st.register_type_strategy(Network, lambda _: drawn(None))
    st.register_type_strategy(DenseNetwork, lambda _: drawn("dense"))
    st.register_type_strategy(ChainNetwork, lambda _: drawn("chain"))
