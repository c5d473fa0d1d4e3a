"""The refuters of every rule of the kernel, and the trial that looks for a lie.

>>> from symgrad.kernel import RULES
>>> refute(RULES["submultiplicative"], REFUTERS["submultiplicative"], range(20)).refuted
()
"""

from __future__ import annotations

from . import refuters_calculus, refuters_logic, refuters_order
from .trials import REFUTERS, UNTESTED, Counts, Trial, refute, refuter, trial

__all__ = ["REFUTERS", "UNTESTED", "Counts", "Trial", "refute", "refuter", "trial"]

_TABLES = (refuters_logic, refuters_calculus, refuters_order)        # importing them fills the table
