"""Pages in the programs that show them: a browser, pdflatex and Typst. Skipped, with the reason, where one
is missing.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from sample_pages import HOSTILE, SAMPLES, everything, hostile

from symgrad.errors import SymgradError
from symgrad.render.html import html
from symgrad.render.latex import latex, latex_fragment
from symgrad.render.page import Figure, Page, Section
from symgrad.render.typst import pdf

_BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
]
_MEASURE = """<script>
document.fonts.ready.then(() => {
  const wide = [...document.querySelectorAll("math, td, p, h1, h2, img, pre")].filter(
    element => element.getBoundingClientRect().right > innerWidth + 0.5).map(
    element => element.outerHTML.slice(0, 200));
  const cells = [...document.querySelectorAll(".derivation .w")].map(
    cell => cell.getBoundingClientRect().width);
  const report = document.createElement("output");
  report.textContent = JSON.stringify({inner: innerWidth, scroll: document.documentElement.scrollWidth, wide,
    font: document.fonts.check('16px "symgrad math"', "𝛿"),
    faces: [...document.fonts].map(face => face.status),
    reason: Math.min(...cells.filter(width => width > 0)), maths: document.querySelectorAll("math").length});
  document.body.append(report);
});
</script></body>"""


def _measured(page: Page, width: int, folder: Path) -> dict[str, object]:
    """Open a page in the browser at a width and report what sticks out."""
    if _BROWSER is None:
        pytest.skip("no chromium on this machine")
    source = re.sub(
        r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html(page)
    )  # the ruler is a script
    file = folder / "page.html"
    file.write_text(source.replace("</body>", _MEASURE), encoding="utf-8")
    done = subprocess.run(
        [
            _BROWSER,
            *_QUIET,
            f"--user-data-dir={folder / 'profile'}",
            f"--window-size={width},900",
            "--virtual-time-budget=4000",
            "--dump-dom",
            file.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    found = re.search(r"<output>(.*?)</output>", done.stdout, re.S)
    assert found, done.stderr[-400:]
    return dict(json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")))


@pytest.mark.parametrize("width", [520, 1200])
def test_nothing_sticks_out_of_the_page_in_a_browser(width: int, tmp_path: Path) -> None:
    report = _measured(everything(), width, tmp_path)
    assert report["inner"] == width
    assert report["wide"] == []
    assert report["scroll"] <= width
    assert report["font"] and report["faces"] == ["loaded"]
    assert report["reason"] > 100


def test_a_printed_page_keeps_its_reasons_readable(tmp_path: Path) -> None:
    reader = shutil.which("pdftotext")
    if _BROWSER is None or reader is None:
        pytest.skip("no chromium or no pdftotext on this machine")
    file = tmp_path / "page.html"
    file.write_text(html(SAMPLES["equations"]), encoding="utf-8")
    subprocess.run(
        [
            _BROWSER,
            *_QUIET,
            f"--user-data-dir={tmp_path / 'profile'}",
            "--no-pdf-header-footer",
            f"--print-to-pdf={tmp_path / 'page.pdf'}",
            file.as_uri(),
        ],
        capture_output=True,
        timeout=90,
        check=True,
    )
    shown = subprocess.run(
        [reader, "-layout", tmp_path / "page.pdf", "-"],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout
    assert re.search(r"diagonal times vector +✓ proved", shown)


def _compile(source: str, folder: Path) -> str:
    """Run pdflatex once and return its log."""
    program = shutil.which("pdflatex")
    if program is None:
        pytest.skip("no pdflatex on this machine")
    (folder / "page.tex").write_text(source, encoding="utf-8")
    done = subprocess.run(
        [program, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "page.tex"],
        cwd=folder,
        capture_output=True,
        timeout=120,
        check=False,
    )
    log = (folder / "page.log").read_text(encoding="latin-1")
    assert done.returncode == 0, log[-800:]
    return log


@pytest.mark.parametrize("name", SAMPLES)
def test_pdflatex_sets_a_page_in_one_run_without_an_overfull_box(name: str, tmp_path: Path) -> None:
    log = _compile(latex(SAMPLES[name]), tmp_path)
    assert "Overfull" not in log
    assert "Missing character" not in log


def test_pdflatex_sets_whatever_comes_from_outside(tmp_path: Path) -> None:
    _compile(latex(everything()), tmp_path)


def test_a_fragment_compiles_in_a_plain_document(tmp_path: Path) -> None:
    packages = r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{amsmath,amssymb,array,longtable}"
    _compile(
        f"{packages}\\begin{{document}}\n{latex_fragment(SAMPLES['bounds'])}\\end{{document}}\n", tmp_path
    )


def test_typst_sets_every_sample_and_whatever_comes_from_outside() -> None:
    pytest.importorskip("typst", reason="the typst package is not installed")
    assert pdf(everything()).startswith(b"%PDF")


def test_typst_shows_hostile_text_as_it_is(tmp_path: Path) -> None:
    pytest.importorskip("typst", reason="the typst package is not installed")
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("no pdftotext on this machine")
    (tmp_path / "page.pdf").write_bytes(pdf(hostile('#eval("1") #let')))
    shown = subprocess.run(
        [reader, tmp_path / "page.pdf", "-"], capture_output=True, text=True, check=True, timeout=30
    )
    assert 'before #eval("1") #let after' in " ".join(shown.stdout.split())
    assert len(HOSTILE) > 30


def test_a_drawing_that_is_none_is_one_clear_error() -> None:
    pytest.importorskip("typst", reason="the typst package is not installed")
    with pytest.raises(SymgradError, match="cannot be set as PDF") as caught:
        pdf(Page("t", [Section("s", [Figure("no svg")])]))
    assert "\n" not in str(caught.value)
