"""A derivation as a page: what is given, the general proofs once, then the network's own lines, one a layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..derive.derivation import Line as Step
from ..derive.derivation import Proof
from ..kernel.display import exponent_ranges, hypotheses_layout
from ..kernel.statements import ConstantIs, Differentiable, ForAll, IsActivation, OneFunction, Relation
from ..kernel.theorem import RULES, Theorem
from ..networks.network import Dense
from ..terms import layout as lay
from ..terms.display import notation
from ..terms.scalar_layout import expression_layout
from .page import Block, Derivation, Display, Inline, Line, Page, Paragraph, Prose, Section, Status
from .typeset import typeset

if TYPE_CHECKING:                               # it takes the names of the dense network, which a reader may want himself
    from ..derive.network import Sweep

__all__ = ["assumptions", "derivation_page", "line_records", "proof_blocks", "proof_page", "status_of"]

_RELATIONS = {"=": "eq", "<=": "le", "<": "lt"}


def status_of(theorem: Theorem) -> Status:
    """Proved, and by which theories of the kernel; or what it rests on beside them."""
    rests = theorem.rests_on()
    beyond = [f"{kind}: {text}" for kind in ("cited", "computed") for text in rests[kind]]
    theories = dict.fromkeys(RULES[rule].__module__.rsplit(".", 1)[-1] for rule in rests["rule"])
    words = [theory for theory in theories if theory not in ("logic", "equality")] or ["equality"]
    if rests["definition"]:
        words.insert(0, "definitions")
    return Status("cited" if rests["cited"] else "proved", "; ".join([", ".join(dict.fromkeys(words)), *beyond]))


def derivation_page(sweep: Sweep, measured: Any = None, seed: int | None = None, source: str = "") -> Page:
    """The page of a derivation; with figures when it was measured on data."""
    sections = [_setting(sweep), *(_proof_section(proof) for proof in sweep.general), _network_section(sweep, measured)]
    provenance = ["Every line is a theorem of symgrad's kernel; its status names the rules that made it."]
    if measured is not None:
        drawn = f", parameters drawn with seed {seed}" if seed is not None else ""
        provenance.append(f" Measured on {measured.examples} examples of {source or 'the given data'}{drawn}: the largest "
                          "relative difference, entry by entry, of the two sides of each line; and of each gradient "
                          "from a complex step (balls below 1e-280).")
    return Page(_title(sweep), sections, _subtitle(sweep), "".join(provenance))


def _title(sweep: Sweep) -> str:
    net = sweep.net
    kind = "dense network" if isinstance(net, Dense) else "chain"
    if net.depth is None:
        return f"Backpropagation in a {kind} of any depth"
    if isinstance(net, Dense) and net.widths is not None:
        return f"Backpropagation in the {kind} {'–'.join(map(str, net.widths))}"
    return f"Backpropagation in the {kind} of {net.depth} weights"


def _subtitle(sweep: Sweep) -> Prose:
    net = sweep.net
    if net.activations is None:
        return "for an abstract activation σ"
    names = list(dict.fromkeys(a.name for a in net.activations))
    return "activation " + names[0] if len(names) == 1 else "activations " + ", ".join(a.name for a in net.activations)


def _setting(sweep: Sweep) -> Section:
    blocks: list[Any] = [Paragraph("The network and its cost:")]
    blocks += [Display(_with_range(theorem)) for theorem in sweep.definitions]
    blocks += [Display(lay.relation(*_layers_of(one, sweep), expression_layout(one.expression)))
               for one in dict.fromkeys(sweep.net.activations or ())]
    return Section("Setting", blocks, "setting")


def _layers_of(one: Any, sweep: Sweep) -> list[Any]:
    """σ(t) =, or σ₁(t) = σ₃(t) =, for the layers that have this activation."""
    every = sweep.net.activations or ()
    if sweep.net.one_activation:
        return [lay.apply("sigma", "t"), "eq"]
    first = (sweep.net.depth or 0) - len(every) + 1
    sides: list[Any] = [lay.apply(lay.scripted("sigma", sub=lay.number(first + at)), "t")
                        for at, other in enumerate(every) if other is one]
    if len(sides) > 4:
        sides = [*sides[:2], "ldots", sides[-1]]
    return [part for side in sides for part in (side, "eq")]


def _with_range(theorem: Theorem) -> Any:
    claim = theorem.conclusion
    given = hypotheses_layout(h for h in theorem.hypotheses if not isinstance(h, (OneFunction, IsActivation)))
    assert isinstance(claim, Relation)
    body = lay.relation(notation(claim.left), "eq", notation(claim.right))
    return lay.phrase(body, lay.words(" for "), lay.listing(*given)) if given else body


def assumptions(theorem: Theorem) -> list[Inline]:
    """For 1 ≤ l < L; assuming …"""
    hidden = [h for h in theorem.hypotheses if isinstance(h, (OneFunction, IsActivation, ConstantIs))]
    shown = exponent_ranges((theorem.conclusion, *theorem.hypotheses))
    shown += hypotheses_layout(theorem.hypotheses - set(hidden))
    parts: list[Inline] = []
    for one in shown:
        parts += [", " if parts else "for ", one]
    return parts


def _proof_section(proof: Proof) -> Section:
    blocks: list[Any] = [Paragraph(assumptions(proof.theorem))] if assumptions(proof.theorem) else []
    blocks += proof_blocks(proof)
    if any(line.part for line in proof.lines):
        blocks += [Paragraph("Hence:"), Display(notation(proof.theorem.conclusion))]
    title = proof.name if proof.name[1:2].isupper() or not proof.name.isascii() else proof.name.capitalize()
    return Section(typeset(title), blocks, proof.name)


def proof_blocks(proof: Proof, group: str = "") -> list[Block]:
    """The lines of a proof, an induction's base and step apart; `group` sets the anchors of its lines apart."""
    blocks: list[Block] = []
    for part in dict.fromkeys(line.part for line in proof.lines):
        if part:
            blocks.append(Paragraph("Base of the induction:" if part == "base" else "Step of the induction:"))
        lines = [line for line in proof.lines if line.part == part]
        anchor = f"{group or proof.name}{part}"
        blocks.append(Derivation([_line(line, number, anchor) for number, line in enumerate(lines, 1)]))
    return blocks


def _line(line: Step, number: int, group: str) -> Line:
    return Line(notation(line.right), _RELATIONS[line.relation], notation(line.left) if number == 1 else None,
                ", ".join(line.reasons), status_of(line.theorem), anchor=f"{group}-{number}")


def _network_section(sweep: Sweep, measured: Any) -> Section:
    lines = []
    names = {id(theorem): name for name, theorem in sweep.theorems.items()}
    for number, line in enumerate(sweep.lines, 1):
        figures: tuple[float | None, ...] = ()
        if measured is not None:
            name = names.get(id(line.theorem), "")
            figures = (measured.lines[number - 1], measured.gradients.get(name))
        lines.append(Line(notation(line.right), _RELATIONS[line.relation], notation(line.left), ", ".join(line.reasons),
                          Status("proved", ""), str(number), figures, f"line-{number}"))
    title = "The gradients, layer by layer" if sweep.net.depth is not None else "The gradients"
    given = _common(sweep)
    blocks: list[Any] = [Paragraph(given)] if given else []
    blocks.append(Derivation(lines, ("two sides", "complex step") if measured is not None else ()))
    return Section(title, blocks, "gradients")


def _common(sweep: Sweep) -> list[Inline]:
    """What all lines are under: the depth, the activation."""
    shared = frozenset.intersection(*(line.theorem.hypotheses for line in sweep.lines))
    parts: list[Inline] = []
    for one in hypotheses_layout(h for h in shared if not isinstance(h, (OneFunction, IsActivation))):
        parts += [", " if parts else "For ", one]
    if any(isinstance(h, OneFunction) for h in shared):
        parts += [", one activation in every layer" if parts else "For one activation in every layer"]
    parts += ["; every line is an instance of a theorem above." if parts else "Every line is an instance of a theorem above."]
    rest = frozenset().union(*(line.theorem.hypotheses for line in sweep.lines)) - shared
    assumed = [h for h in rest if isinstance(h, (Differentiable, ForAll))]
    for number, one in enumerate(hypotheses_layout(assumed)):
        parts += ["; " if number else " Assumed: ", one]
    return [*parts, "."] if assumed else parts


def proof_page(proofs: Sequence[Proof], title: str) -> Page:
    """The page of a few proofs."""
    return Page(title, [_proof_section(proof) for proof in proofs])


def line_records(sweep: Sweep, measured: Any = None) -> list[dict[str, Any]]:
    """Every line of the network as plain data: left, relation, right (LaTeX and text), reasons, status, figures."""
    records = []
    for number, line in enumerate(sweep.lines):
        record: dict[str, Any] = {
            "line": number + 1, "left": line.left.latex(), "relation": line.relation, "right": line.right.latex(),
            "text": f"{line.left} {line.relation} {line.right}", "reasons": list(line.reasons),
            "hypotheses": sorted(map(str, line.theorem.hypotheses)), "status": "proved", "rules": list(line.rules)}
        if measured is not None:
            record["two_sides"] = measured.lines[number]
        records.append(record)
    return records
