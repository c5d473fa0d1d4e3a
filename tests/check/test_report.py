"""The report page: every claim in it, typeset, and nothing sticks out of it in a browser, wide or narrow."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from symgrad.check.claims import defined, demonstration, proved, refuted
from symgrad.check.refutation import Refutation
from symgrad.check.report import claim_section, report_page
from symgrad.check.runner import FAILED, ClaimResult, FileResult
from symgrad.derive.backprop import backprop
from symgrad.kernel.statements import Equal
from symgrad.networks.dense import delta, l, sigma, w, z
from symgrad.numeric.instance import Instance
from symgrad.render.html import html
from symgrad.render.latex import latex
from symgrad.render.markdown import markdown
from symgrad.render.page import Page
from symgrad.render.typeset import typeset
from symgrad.terms.algebra import Hadamard

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def example() -> Page:
    data = {"integers": {"l": 1, "L": 2}, "widths": {"n": [1, 1, 1]}, "arrays": {
        "x": [1], "w": {1: [[1]], 2: [[1]]}, "b": {1: [0], 2: [0]}, "y": {2: [0]}}}
    claimed = Equal(delta[l], Hadamard(w[l + 1].T @ delta[l + 1], sigma[l](z[l])))
    counterexample = Refutation(claimed, Instance(**data, functions={"sigma": [0, 0, 1]}),                # type: ignore[arg-type]
                                true_on=Instance(**data, functions={"sigma": "exp(t)"}))                  # type: ignore[arg-type]
    claims = [
        proved("C3", "δ^l = Σ'(z^l)(w^{l+1})ᵀ ⋯ Σ'(z^L)(a^L − y)", backprop()["closed form"], source="document 002"),
        refuted("A5", "δ^l = ((w^{l+1})ᵀ δ^{l+1}) ⊙ g(z^l)", counterexample, corrected=backprop()["BP2"]),
        defined("D1", "a tool <b>&", claim_section, shows=[demonstration("one <i>half</i>", lambda: 1 / 2, 0.5)]),
    ]
    verdicts = {"proved": "proved", "refuted": "refuted and corrected", "defined": "defined"}
    found = [ClaimResult(claim.id, claim.claimed, verdicts[claim.verdict], section=claim_section(claim, "file.py"))
             for claim in claims]
    failed = ClaimResult("U5.py", "", FAILED, error="U5.py:6: line 2 says " + "δ^l = Σ'(z^l) (w^{l+1})ᵀ δ^{l+1} " * 6)
    return report_page([FileResult(Path("file.py"), (*found, failed), 1.0)])


def test_the_page_shows_claim_verdict_derivation_counterexample_and_what_it_rests_on() -> None:
    shown = markdown(example())
    for words in ("The text says", "false as it stands", "Step of the induction", "left side",
                  "Corrected (BP2)", "rules of the kernel", "Shown by running", "line 2 says"):
        assert words in shown
    assert r"\delta^{l}" in latex(example())


def test_text_from_outside_is_escaped_in_the_page() -> None:
    shown = html(example())
    assert "a tool &lt;b&gt;&amp;" in shown and "one <i>" not in shown


def test_letters_with_scripts_become_formulas_and_the_rest_stays_text() -> None:
    parts = typeset("‖∂C/∂b^l‖ ≤ γ^{L−l+1} ∏_{r=l+1}^{L} ‖w^r‖_∞, and f_c'(p) = 10^-99 a_b_c")
    assert "".join(map(str, parts)).startswith("‖∂C/∂b^l‖ ≤ γ^{L-l+1} ∏_{r=l+1}^L ‖w^r‖_∞, and f'_c(p)")
    assert typeset("plain words, 3/4 {braces} ^ _") == ("plain words, 3/4 {braces} ^ _",)


@pytest.mark.parametrize("width", [520, 1200])
def test_nothing_sticks_out_of_the_report_in_a_browser(width: int, tmp_path: Path) -> None:
    if BROWSER is None:
        pytest.skip("no chromium on this machine")
    ruler = """<script>document.fonts.ready.then(() => { const report = document.createElement("output");
      report.textContent = JSON.stringify([innerWidth, document.documentElement.scrollWidth,
        [...document.querySelectorAll("math, td, p, li, h1, h2")].filter(
          e => e.getBoundingClientRect().right > innerWidth + 0.5).map(e => e.textContent.slice(0, 80))]);
      document.body.append(report); });</script></body>"""
    source = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html(example()))
    file = tmp_path / "report.html"
    file.write_text(source.replace("</body>", ruler), encoding="utf-8")
    done = subprocess.run([BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                           f"--user-data-dir={tmp_path / 'profile'}", f"--window-size={width},900",
                           "--virtual-time-budget=4000", "--dump-dom", file.as_uri()],
                          capture_output=True, text=True, timeout=90, check=False)
    found = re.search(r"<output>(.*?)</output>", done.stdout, re.S)
    assert found, done.stderr[-400:]
    inner, scroll, wide = json.loads(found[1])
    assert scroll <= inner and wide == []
