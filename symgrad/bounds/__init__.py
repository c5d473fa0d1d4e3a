"""Certified bounds on gradient norms: every number is an outward-rounded enclosure.

    enclosure    an interval of any magnitude                 rounding     float64 error bounds, scaling
    spectral     certified 2-norms and smallest stretches     norms        all norms, for one matrix or a stack
    matrix_ball  products in an operator norm                 layers       a concrete network and its data, checked
    states       z, a, s'(z), d by balls                      ladder       the rungs
    report       `bounds(net, params, x, y)`                  table, plot  how it is shown
"""

from symgrad.bounds.enclosure import Enclosure
from symgrad.bounds.norms import norm, smallest_stretch
from symgrad.bounds.report import Bounds, Row, bounds
from symgrad.bounds.rounding import BoundError
from symgrad.bounds.table import Table

__all__ = ["BoundError", "Bounds", "Enclosure", "Row", "Table", "bounds", "norm", "smallest_stretch"]
