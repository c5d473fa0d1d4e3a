"""The theorem behind a number: a bound says which theorem of the bundled files it is an instance of; here it is proved.

    bound = net.bound("b1", params, x, y, kind="factors")
    print(sg.proof_of(bound))                      # hypotheses ⊢ ‖δ^l‖_p ≤ …, with its lines, made by the kernel
"""

from __future__ import annotations

import re
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
    for path in sorted(bundled().glob("*.py")):
        if str(what) in path.read_text(encoding="utf-8"):            # only files that name it are run
            found = _proofs(path.name)
            if what in found:
                return found[what]
    if re.fullmatch(r"[A-D]\d+", str(what)):
        raise SymgradError(f"{what} is a claim; its theorems are {_of_claim(str(what)) or 'in no bundled file'}")
    raise SymgradError(f"no bundled theorem is called {what!r}; {nearest(str(what), _names())}")


def _of_claim(id: str) -> str:
    """The names of the theorems that decide a claim, quoted."""
    files = [path for path in sorted(bundled().glob("*.py")) if f'"{id}"' in path.read_text(encoding="utf-8")]
    return ", ".join(repr(proof.name) for path in files for claim in claims_of(path) if claim.id == id for proof in claim.proofs)


def _names() -> list[str]:
    """The names of theorems that stand in the bundled files as they are."""
    texts = (path.read_text(encoding="utf-8") for path in bundled().glob("*.py"))
    return sorted({name for text in texts for name in re.findall(r'(?:theorem|induct|chain_of)\(\s*"([^"]+)"', text)})


@lru_cache(maxsize=64)
def _proofs(file: str) -> dict[str, Proof]:
    path: Path = bundled() / file
    return {proof.name: proof for claim in claims_of(path) for proof in claim.proofs}
