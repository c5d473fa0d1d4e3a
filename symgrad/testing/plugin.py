"""The pytest plugin, there by installing symgrad: a seeded generator and its seed in the report.

It is loaded in every pytest run, so it imports nothing.
"""

from __future__ import annotations

from typing import Any

__all__ = ["pytest_addoption", "pytest_report_header"]


def pytest_addoption(parser: Any) -> None:
    group = parser.getgroup("symgrad")
    group.addoption("--symgrad-seed", type=int, default=0, help="seed of the fixture symgrad_rng (0)")


def pytest_report_header(config: Any) -> str | None:
    seed = config.getoption("--symgrad-seed")
    return f"symgrad: seed {seed}" if seed else None


def _fixture() -> Any:
    import pytest

    @pytest.fixture
    def symgrad_rng(request: Any) -> Any:
        """A NumPy generator seeded with --symgrad-seed, the same in every run."""
        import numpy as np
        return np.random.default_rng(request.config.getoption("--symgrad-seed"))

    return symgrad_rng


symgrad_rng = _fixture()
