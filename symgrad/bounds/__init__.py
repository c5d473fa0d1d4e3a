"""Certified bounds on gradient norms: every number is an outward-rounded enclosure.

    enclosure    an interval of any magnitude                 rounding     float64 error bounds, scaling
    spectral     certified 2-norms and smallest stretches     norms        all norms, for one matrix or a stack
    matrix_ball, products  in an operator norm                layers       a concrete network and its data, checked
    states       z, a, s'(z), d by balls                      ladder       the rungs
    affine_form  tighter states over a box                    report       `bounds(net, params, x, y)`
    table, page, plot  how it is shown                        theorems     what each number is an instance of
    explain, words  why a gradient vanishes or explodes
    mean_field   a heuristic beside it                        recurrence   g ||W|| against 1
    files        weights and data, safely                     data         batches to measure on
"""

from symgrad.bounds.enclosure import Enclosure
from symgrad.bounds.norms import norm, smallest_stretch
from symgrad.bounds.products import norm_of_product
from symgrad.bounds.report import Bounds, Row, bounds
from symgrad.bounds.rounding import BoundError
from symgrad.bounds.table import Table
from symgrad.bounds.theorems import Bound, Cited, Grounds

__all__ = ["Bound", "BoundError", "Bounds", "Cited", "Enclosure", "Grounds", "Row", "Table", "bounds", "norm", "norm_of_product",
           "smallest_stretch"]
