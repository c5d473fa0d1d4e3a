"""The theorem behind a number: a bound says which theorem of the bundled files it is an instance of; here it is proved.

    bound = net.bound("b1", params, x, y, kind="factors")
    print(sg.proof_of(bound))                      # hypotheses ⊢ ‖δ^l‖_p ≤ …, with its lines, made by the kernel
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ..bounds.theorems import Bound, Cited, Grounds
from ..derive.derivation import Proof
from ..errors import SymgradError, nearest
from .discover import bundled
from .execute import claims_of

__all__ = ["proof_of"]


def proof_of(what: Bound | Grounds | Cited | str) -> Proof:
    """The proof of the theorem that a bound is an instance of; or of one by name, such as "bound by factors".

    The bundled file that holds it is run, which takes some tenths of a second. Raises SymgradError for a name that no
    bundled claim has.
    """
    if isinstance(what, Bound):
        what = what.theorem
    if isinstance(what, Grounds):
        what = what.upper[0]
    if isinstance(what, Cited):
        return _proofs(what.file.rpartition("/")[2])[what.name]
    found = {name: proof for path in sorted(bundled().glob("*.py")) for name, proof in _proofs(path.name).items()}
    if what not in found:
        raise SymgradError(f"no bundled theorem is called {what!r}; {nearest(str(what), found)}")
    return found[what]


@lru_cache(maxsize=64)
def _proofs(file: str) -> dict[str, Proof]:
    path: Path = bundled() / file
    return {proof.name: proof for claim in claims_of(path) for proof in claim.proofs}
