"""The report: every claim as the text has it, its verdict, the derivation or the counterexample, what it
rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..derive.derivation import Proof
from ..kernel.statements import Relation
from ..numeric.instance import Instance
from ..render.derivation import assumptions, proof_blocks
from ..render.page import (
    Block,
    Bullets,
    Code,
    Display,
    Inline,
    Link,
    Page,
    Paragraph,
    Prose,
    Section,
    Status,
    Table,
)
from ..render.typeset import typeset
from ..terms import layout as lay
from ..terms.display import notation
from ..terms.notation import Notation
from .claims import Claim
from .describe import instance_layout, value_relation
from .refutation import Refutation, truth, values
from .runner import FAILED, ClaimResult, FileResult, claims_in_order
from .table import resting

__all__ = ["claim_section", "report_page"]

_STATUS = {"proved": "proved", "refuted and corrected": "refuted", "defined": "definition", FAILED: "failed"}


def report_page(results: Sequence[FileResult]) -> Page:
    """The page of a run: a table of all claims, then each of them. The run must have made the sections."""
    claims = claims_in_order(results)
    counts = {verdict: sum(claim.verdict == verdict for claim in claims) for verdict in _STATUS}
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    rows = [_row(claim) for claim in claims]
    header = "id", "statement", "verdict", "rests on"
    summary = Section("All claims", [Table(header, rows, (0.6, 5, 2, 2))], "claims")
    sections = [claim.section or _failure(claim) for claim in claims]
    provenance = ("When this page was made, every theorem was made again from its record by the rules of "
                  "symgrad's kernel, and every counterexample evaluated in exact fractions or in balls.")
    return Page("What holds, claim by claim", [summary, *sections], told, provenance)


def _row(claim: ClaimResult) -> list[Prose]:
    status = Status(_STATUS[claim.verdict], "and corrected" if claim.verdict.endswith("corrected") else "")
    return [Link(claim.id, f"#{_anchor(claim.id)}"), typeset(claim.claimed), status, resting(claim.rests_on)]


def _anchor(id: str) -> str:
    return f"claim {id}"


def _failure(claim: ClaimResult) -> Section:
    blocks: list[Block] = [Paragraph(["The text says: ", *typeset(claim.claimed)])] if claim.claimed else []
    return Section(claim.id, [*blocks, Paragraph([Status("failed", claim.error)])], _anchor(claim.id))


# ---------------------------------------------------------------- one claim

def claim_section(claim: Claim, file: str = "") -> Section:
    """The section of one claim."""
    said = "The statement: " if claim.source.startswith("symgrad") else "The text says: "
    blocks: list[Block] = [Paragraph([said, *typeset(claim.claimed)])]
    where: list[Inline] = [claim.source] if claim.source else []
    if file:
        where += [*("; " for _ in where), Code(file)]
    if where:
        blocks.append(Paragraph(["Source: ", *where, "."]))
    blocks.append(Paragraph(_verdict(claim)))
    if claim.note:
        blocks.append(Paragraph(typeset(claim.note)))
    for number, refutation in enumerate(claim.refutations, 1):
        blocks += _refutation(refutation, f" {number}" if len(claim.refutations) > 1 else "")
    for number, proof in enumerate(claim.proofs, 1):
        word = "Corrected" if claim.verdict == "refuted" else "Theorem"
        blocks += _proof(proof, word, f"{claim.id}-{number}")
    if claim.tools:
        blocks.append(Paragraph(["Tools: ", *_listed(Code(_tool(tool)) for tool in claim.tools), "."]))
    if claim.shows:
        blocks.append(Paragraph("Shown by running:"))
        blocks.append(Bullets([[Status("computed"), " ", *typeset(shown.words)] for shown in claim.shows]))
    if claim.proofs:
        blocks += _rests_on(claim)
    return Section([claim.id], blocks, _anchor(claim.id))


def _verdict(claim: Claim) -> list[Inline]:
    if claim.verdict == "refuted":
        return [Status("refuted", "false as it stands; corrected below")]
    if claim.verdict == "defined":
        return [Status("definition", "a definition or a method: the tools below do it")]
    beside = "; but see the counterexample" if claim.refutations else ""
    return [Status("proved", f"a theorem under the hypotheses shown{beside}")]


def _proof(proof: Proof, word: str, anchor: str) -> list[Block]:
    given = assumptions(proof.theorem)
    title: list[Inline] = [f"{word} (", *typeset(proof.name), ")", *(", " for _ in given[:1]), *given, ":"]
    blocks: list[Block] = [Paragraph(title), Display(notation(proof.theorem.conclusion))]
    if proof.note:
        blocks.append(Paragraph(typeset(proof.note)))
    if len(proof.lines) > 1 or any(line.part for line in proof.lines):
        blocks += proof_blocks(proof, anchor)
    elif proof.lines:
        blocks.append(Paragraph(f"By {', '.join(proof.lines[0].reasons)}."))
    return blocks


def _refutation(refutation: Refutation, number: str) -> list[Block]:
    blocks: list[Block] = [Paragraph(f"Counterexample{number}, to the statement"),
                           Display(notation(refutation.claimed))]
    if refutation.given:
        blocks.append(Paragraph(["under ", *_listed(notation(h) for h in refutation.given), "."]))
    if refutation.words:
        blocks.append(Paragraph(typeset(refutation.words)))
    blocks += _evaluated(refutation, refutation.instance, "It is false for ")
    if refutation.also:
        blocks.append(Paragraph(f"It is false on {len(refutation.also)} more instances:"))
        for instance in refutation.also:
            blocks += _evaluated(refutation, instance, "for ")
    return blocks + _evaluated(refutation, refutation.true_on, "It is true for ")


def _evaluated(refutation: Refutation, instance: Instance, words: str) -> list[Block]:
    """The instance in a line, then both sides as they were evaluated."""
    data = _listed(instance_layout(refutation.claimed, instance))
    sides = values(refutation.claimed, instance)
    if not sides:
        holds = truth(refutation.claimed, instance)
        return [Paragraph([words, *data, Status("proved" if holds else "refuted", "evaluated")])]
    assert isinstance(refutation.claimed, Relation)
    named = zip(("left side", "right side"), sides, strict=True)
    found = [value_relation(lay.words(word), value) for word, value in named]
    return [Paragraph([words, *data, ":"]), Display(lay.listing(*found))]


def _listed(parts: Iterable[Inline | Notation]) -> list[Inline]:
    found: list[Inline] = []
    for part in parts:
        found += [", ", part] if found else [part]
    return found


def _tool(tool: object) -> str:
    module, name = getattr(tool, "__module__", ""), getattr(tool, "__qualname__", type(tool).__name__)
    return f"{module}.{name}" if module.startswith("symgrad.") else name


def _rests_on(claim: Claim) -> list[Block]:
    found = claim.rests_on()
    items: list[Prose] = []
    if found["cited"]:
        items.append("cited, not proved here: " + "; ".join(found["cited"]))
    if found["computed"]:
        items.append("computed with certainty: " + "; ".join(found["computed"]))
    if found["definition"]:
        items.append(["definitions: ", *typeset("; ".join(d.split(": ", 1)[-1] for d in found["definition"]))])
    rules = ", ".join(name.replace("_", " ") for name in found["rule"])
    items.append(f"{len(found['rule'])} rules of the kernel: {rules}")
    return [Paragraph("Rests on"), Bullets(items)]
