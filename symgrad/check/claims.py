"""Claims: what a text says, and what becomes of it. A theorem file ends in claims.

    proved("C2", "δ^l = Σ'(z^l)(w^{l+1})ᵀ δ^{l+1}", bp2, source="document 002, (34)")
    refuted("C8", "‖A‖ = ‖Aᵀ‖ for every induced norm", counterexample, corrected=dual_norm_bound, source=…)
    defined("B1", "the empirical error F(w) = Σ L(φ_w(x), y)", empirical_error, shows=[…], source=…)

A claim only holds what decides it; `verify` does the deciding: every theorem is made again by the kernel,
every counterexample evaluated again, every demonstration run again. Nothing that a file has tampered with
counts. """

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..derive.derivation import Proof
from ..errors import KernelError, SymgradError
from ..kernel.theorem import Theorem, replay_all
from .refutation import Refutation

__all__ = ["Claim", "ClaimError", "Demonstration", "collecting", "defined", "demonstration", "merged",
           "proved", "refuted"]


class ClaimError(SymgradError):
    """A claim whose evidence does not stand."""


@dataclass(frozen=True)
class Demonstration:
    """A small fact shown by running something: in words, and a function that returns what it found, or
    raises.

    `run` must return `expected`, which is True unless it is given.
    """

    words: str
    run: Callable[[], Any]
    expected: Any = True

    def verify(self) -> None:
        """Run it. Raises ClaimError when it gives something else."""
        found = self.run()
        if type(found) is not type(self.expected) or found != self.expected:
            raise ClaimError(f"the demonstration “{self.words}” gives {found!r}, expected {self.expected!r}")


def demonstration(words: str, run: Callable[[], Any], expected: Any = True) -> Demonstration:
    """A fact shown by running `run`, which must return `expected`."""
    return Demonstration(words, run, expected)


@dataclass(frozen=True, eq=False)
class Claim:
    """What a text says (`claimed`), where, the verdict, and what decides it.

    The verdict is "proved", "refuted" (then `proofs` are the corrected statements) or "defined" (then
    `tools` are what was built). A proved claim may have refutations too: of the reason the text gives, or
    outside its range. """

    id: str
    claimed: str
    verdict: str
    proofs: tuple[Proof, ...] = ()
    refutations: tuple[Refutation, ...] = ()
    tools: tuple[Any, ...] = ()
    shows: tuple[Demonstration, ...] = ()
    source: str = ""
    note: str = ""

    def rests_on(self) -> dict[str, tuple[str, ...]]:
        """What the theorems of the claim stand on, in four kinds: rule, computed, cited, definition."""
        return merged(proof.theorem.rests_on() for proof in self.proofs)

    def verify(self) -> None:
        """Make every theorem again by the kernel, evaluate every counterexample, run every demonstration.

        Raises KernelError for a theorem that does not replay, RefutationError, or ClaimError.
        """
        _complete(self)
        _replay(self.proofs)
        for refutation in self.refutations:
            refutation.verify()
        for shown in self.shows:
            shown.verify()

    def __str__(self) -> str:
        return f"{self.id}  {self.claimed}  [{self.verdict}]"


def merged(parts: Iterable[dict[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    """Several answers of `rests_on` as one."""
    found: dict[str, set[str]] = {"rule": set(), "computed": set(), "cited": set(), "definition": set()}
    for part in parts:
        for kind, names in part.items():
            found[kind].update(names)
    return {kind: tuple(sorted(names)) for kind, names in found.items()}


def _replay(proofs: Iterable[Proof]) -> None:
    """Every theorem of the proofs made again, those of their lines too, which must say what the lines say."""
    proofs = tuple(proofs)
    for proof in proofs:
        if type(proof.theorem) is not Theorem:
            raise KernelError(f"{proof.name} holds no theorem but a {type(proof.theorem).__name__}")
    lines = [line.theorem for proof in proofs for line in proof.lines]
    replay_all([*(proof.theorem for proof in proofs), *lines])
    for proof in proofs:
        _check_statement(proof)


def _check_statement(proof: Proof) -> None:
    if proof.theorem.conclusion in proof.theorem.hypotheses:
        raise KernelError(f"{proof.name} assumes what it is to prove: {proof.theorem.conclusion}")
    for line in proof.lines:
        if line.theorem.left is not line.left or line.theorem.right is not line.right:
            raise KernelError(f"a line of {proof.name} shows {line.left} {line.relation} {line.right}, its "
                              f"theorem says {line.theorem}")


_listeners: list[Callable[[Claim, str], None]] = []


@contextmanager
def collecting(listener: Callable[[Claim, str], None]) -> Iterator[None]:
    """Inside, the listener hears of every claim that is made, with the file of the module that was being
    run."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.pop()


def proved(id: str, claimed: str, *proofs: Proof, refutations: Sequence[Refutation] = (),
           tools: Sequence[Any] = (), shows: Sequence[Demonstration] = (), source: str = "",
           note: str = "") -> Claim:
    """The claim holds: these theorems say so."""
    return _claim(id, claimed, "proved", proofs, refutations, tools, shows, source, note)


def refuted(id: str, claimed: str, *refutations: Refutation, corrected: Proof | Sequence[Proof],
            tools: Sequence[Any] = (), shows: Sequence[Demonstration] = (), source: str = "",
            note: str = "") -> Claim:
    """The claim is false: these counterexamples say so, and the corrected theorems say what holds instead."""
    proofs = (corrected,) if isinstance(corrected, Proof) else tuple(corrected)
    return _claim(id, claimed, "refuted", proofs, refutations, tools, shows, source, note)


def defined(id: str, claimed: str, *tools: Any, proofs: Sequence[Proof] = (),
            refutations: Sequence[Refutation] = (), shows: Sequence[Demonstration] = (), source: str = "",
            note: str = "") -> Claim:
    """The claim is a definition or a method: these tools do it, as demonstrations and theorems show."""
    return _claim(id, claimed, "defined", proofs, refutations, tools, shows, source, note)


def _claim(id: str, claimed: str, verdict: str, proofs: Sequence[Proof], refutations: Sequence[Refutation],
           tools: Sequence[Any], shows: Sequence[Demonstration], source: str, note: str) -> Claim:
    lists = tuple(proofs), tuple(refutations), tuple(tools), tuple(shows)
    claim = Claim(id, claimed, verdict, *lists, source=source, note=note)
    _complete(claim)
    if _listeners:
        _listeners[-1](claim, _module_file())
    return claim


def _module_file() -> str:
    """The file of the module that is being run: the innermost one whose top level is on the stack."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_name != "<module>":
        frame = frame.f_back
    return frame.f_code.co_filename


def _complete(claim: Claim) -> None:
    """Has the claim what its verdict needs, and nothing in the place of something else?"""
    for text, what in ((claim.id, "an id such as 'C2'"), (claim.claimed, "the statement in words")):
        if not isinstance(text, str) or not text.strip():
            raise ClaimError(f"a claim has {what}, got {text!r}")
    lists: list[tuple[type, Sequence[Any]]] = [
        (Proof, claim.proofs), (Refutation, claim.refutations), (Demonstration, claim.shows)]
    for kind, things in lists:
        for thing in things:
            if type(thing) is not kind:
                raise ClaimError(f"{claim.id}: expected a {kind.__name__}, got {type(thing).__name__}; a "
                                 "bare theorem is named by Proof(name, theorem, ())")
    shown = claim.proofs or claim.shows or claim.refutations
    needs = {
        "proved": (claim.proofs, "a theorem that proves it"),
        "refuted": (claim.proofs and claim.refutations, "a counterexample and a corrected theorem"),
        "defined": (claim.tools and shown, "a working tool, and something that shows it working"),
    }
    if claim.verdict not in needs:
        raise ClaimError(f"{claim.id}: the verdict {claim.verdict!r} is none of {', '.join(needs)}")
    met, what = needs[claim.verdict]
    if not met:
        raise ClaimError(f"{claim.id}: a claim that is {claim.verdict} needs {what}")
