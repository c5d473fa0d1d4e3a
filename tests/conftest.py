"""The seed of every property test is fixed and printed, so that a failure can be run again."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "symgrad", derandomize=True, deadline=None, print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("symgrad")


def pytest_report_header() -> str:
    return "symgrad: hypothesis runs derandomized (profile symgrad)"
