"""The theorems of a theorem file as properties, in a form that another process can send back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from ..check.execute import claims_of
from ..check.processes import Ended, each_in_its_process
from .properties import Tally, check_theorem

__all__ = ["check_files", "check_theorems_of"]

Draws = Mapping[str, Callable[[Random], Mapping[str, Any]]]


def check_theorems_of(path: Path, instances: int = 500, draws: Draws | None = None,
                      seconds: float = 60.0) -> dict[str, Tally]:
    """Run a theorem file and check every theorem of its claims on random networks; "C2 BP2" -> what came of
    it.

    `draws` gives data that chance would not find, by the theorem's name. Raises what the file raises.
    """
    found: dict[str, Tally] = {}
    checked: dict[int, Tally] = {}                               # a theorem may serve two claims
    claims = claims_of(path)
    for claim in claims:
        for proof in claim.proofs:
            if id(proof.theorem) not in checked:
                draw = (draws or {}).get(proof.name)
                checked[id(proof.theorem)] = check_theorem(proof.theorem, instances, seconds=seconds, draw=draw)
            found[f"{claim.id} {proof.name}"] = checked[id(proof.theorem)]
    return found


def check_files(files: list[Path], instances: int = 500, draws: Draws | None = None,
                seconds: float = 60.0) -> list[Ended[dict[str, Tally]]]:
    """`check_theorems_of` for every file, each in a process of its own."""
    task = partial(check_theorems_of, instances=instances, draws=draws, seconds=seconds)
    return list(each_in_its_process(files, task, timeout=3600.0))
