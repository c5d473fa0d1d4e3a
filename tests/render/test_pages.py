"""Pages in every format, read as strings: structure, widths, alignment, growth, and text from outside."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from sample_pages import HOSTILE, SAMPLES, deep, everything, hostile

from symgrad.render.columns import figure
from symgrad.render.html import html, html_fragment
from symgrad.render.latex import latex, latex_fragment
from symgrad.render.markdown import markdown
from symgrad.render.page import (
    Bullets,
    Derivation,
    Display,
    Line,
    Link,
    Page,
    Paragraph,
    Section,
    Status,
    Table,
    anchor_name,
    safe_target,
)
from symgrad.render.text import columns, text
from symgrad.render.typst import typst
from symgrad.render.write import FORMATS, render
from symgrad.terms.layout import letter, product

STRINGS = [name for name in FORMATS if name != "pdf"]


class Reader(HTMLParser):
    """Collects what a browser would see: tags, anchors, links and words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        found = dict(attrs)
        self.ids += [found["id"] or ""] if "id" in found else []
        self.links += [found["href"] or ""] if "href" in found else []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_text_is_never_wider_than_asked(width: int) -> None:
    page = text(everything(), width)
    assert max(map(columns, page.splitlines())) <= width
    assert all(character.isprintable() for line in page.splitlines() for character in line)


def test_text_aligns_relations_and_puts_each_reason_beside_its_line() -> None:
    lines = text(SAMPLES["equations"]).splitlines()
    numbered = [line for line in lines if re.match(r"\(\d\) ", line)]
    second_table = numbered[3:6]
    assert len({line.index("=") for line in second_table}) == 1
    assert second_table[2].split("  ")[-1].strip() == "algebra"


def test_measured_figures_stand_in_columns_of_their_own() -> None:
    page = text(SAMPLES["deep"])
    assert re.search(r"two sides +complex step$", page, re.M)
    assert re.search(r"^\(1\) .* 2\.3e-16 +1\.1e-15$", page, re.M)


def test_a_figure_has_two_digits_and_zero_is_zero() -> None:
    assert [str(figure(value)) for value in (0.0, None, 3.14e-16, 0.0123, 12.0, float("nan"))] == [
        "0",
        "–",
        "3.1 · 10^{-16}",
        "0.012",
        "12",
        "not a number",
    ]


@pytest.mark.parametrize("name", STRINGS)
def test_length_grows_linearly_with_the_layers(name: str) -> None:
    few, many, most = (len(render(deep(layers), name)) for layers in (110, 220, 440))
    assert abs((most - many) / (many - few) - 2) < 0.2


def test_a_layer_costs_at_most_250_characters_of_latex() -> None:
    assert len(latex(deep(100))) - len(latex(deep(50))) <= 250 * 50


def test_html_is_one_file_without_scripts_that_asks_the_network_for_nothing() -> None:
    page = html(SAMPLES["report"])
    reader = Reader(page)
    assert not {"script", "link", "iframe", "object"} & set(reader.tags)
    assert "default-src 'none'" in page
    assert set(re.findall(r"url\((.{5})", page)) == {"data:"}
    assert 'src="data:image/svg+xml' in page


def test_every_line_has_an_anchor_and_every_inner_link_a_goal() -> None:
    for page in (*SAMPLES.values(), everything()):
        reader = Reader(html(page))
        assert len(reader.ids) == len(set(reader.ids))
        inner = {link[1:] for link in reader.links if link.startswith("#")}
        assert inner <= set(reader.ids)
    assert "bp2" in Reader(html(SAMPLES["equations"])).ids


def test_each_factor_of_a_long_line_is_a_math_of_its_own() -> None:
    page = html(SAMPLES["bounds"])
    third = page.split("<tr")[4]
    assert third.count("<math") > 15


def test_a_line_is_heard_as_one_statement() -> None:
    assert 'aria-label="delta superscript l equals gradient of capital C sub l of z superscript l"' in html(
        SAMPLES["equations"]
    )


def test_a_notebook_cell_gets_the_sections_with_their_style() -> None:
    fragment = html_fragment(SAMPLES["equations"])
    assert fragment.startswith('<div class="symgrad"><style>')
    assert "<body" not in fragment and "<html" not in fragment


def test_markdown_tables_have_one_number_of_cells() -> None:
    page = markdown(everything())
    tables = re.findall(r"(?:^\|.*\|\n)+", page, re.M)
    assert len(tables) > 40
    for table in tables:
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_markdown_formulas_avoid_what_github_mangles() -> None:
    page = markdown(everything())
    for formula in re.findall(r"\$`(.*?)`\$", page):
        assert "|" not in formula and "operatorname" not in formula and "$" not in formula
    assert "```math\n" in page


def _rendered(page: Page) -> str:
    markdown_it = pytest.importorskip("markdown_it", reason="markdown-it-py is not installed")
    return str(markdown_it.MarkdownIt("commonmark").enable("table").render(markdown(page)))


@pytest.mark.parametrize("hostility", HOSTILE)
def test_text_from_outside_stays_text(hostility: str) -> None:
    page = hostile(hostility)
    reader = Reader(html(page))
    assert set(reader.tags) <= set(Reader(html(hostile("plain"))).tags) | {"br"}
    assert not any(name.startswith("on") for name in reader.attributes)
    shown = " ".join(hostility.split())
    if shown.isprintable():
        assert f"before {shown}".strip() in " ".join("".join(reader.words).split())
    source = latex(page)
    assert not re.search(r"\\input(?![a-z])", source.replace(r"\usepackage[utf8]{inputenc}", ""))
    assert source.count(r"\end{document}") == 1
    assert "#eval" not in typst(page).replace('"#eval', "").replace("\\#eval", "")
    assert not re.search(r"javascript:", " ".join(reader.links))
    tags = set(Reader(_rendered(page)).tags)
    assert tags <= {
        "h1",
        "h2",
        "p",
        "em",
        "strong",
        "code",
        "pre",
        "ul",
        "li",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "a",
        "sub",
        "br",
        "hr",
    }
    for target in Reader(_rendered(page)).links:
        assert target.startswith("#")


def test_links_lead_to_anchors_of_the_page_or_to_the_web_and_nowhere_else() -> None:
    known = frozenset({"bp2"})
    assert safe_target("#bp2", known) == "#bp2"
    assert safe_target("https://example.org/a?b=c", known) == "https://example.org/a?b=c"
    for bad in (
        "#gone",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "//evil",
        "https://a b",
        " http://x",
    ):
        assert safe_target(bad, known) is None
    assert anchor_name("∇ C!") == "C" and anchor_name("∇") == "x"


def test_a_link_without_a_goal_is_printed_as_words() -> None:
    page = Page("t", [Section("s", [Paragraph(Link("words", "#nowhere"))])])
    for name in STRINGS:
        written = str(render(page, name))
        assert "words" in written and "nowhere" not in written


@pytest.mark.parametrize("name", STRINGS)
def test_an_empty_page_is_still_a_page(name: str) -> None:
    empty = Page(
        "", [Section("", [Bullets([]), Derivation([]), Table([], []), Table(["a"], []), Paragraph("")])]
    )
    assert render(empty, name)


def test_a_status_is_good_bad_or_resting_on_something() -> None:
    assert [Status(kind).mark for kind in ("proved", "refuted", "cited", "computed", "hypothesis")] == list(
        "✓✗◦◦◦"
    )


def test_prose_of_the_wrong_kind_is_refused() -> None:
    page = Page("t", [Section("s", [Paragraph([3])])])
    for name in STRINGS:
        with pytest.raises(TypeError, match="prose is made of"):
            render(page, name)


def test_a_fragment_stands_in_a_document_of_ones_own() -> None:
    fragment = latex_fragment(SAMPLES["equations"])
    assert fragment.startswith("\\begingroup") and "\\documentclass" not in fragment


def test_a_display_that_is_too_long_is_broken_in_markdown_too() -> None:
    page = markdown(Page("t", [Section("s", [Display(product(*[letter("delta", primes=1)] * 80))])]))
    assert "\\begin{aligned}" in page


def test_rows_may_be_instances_without_left_side() -> None:
    line = Line(letter("x"), "le")
    for name in STRINGS:
        assert render(Page("t", [Section("s", [Derivation([line, line])])]), name)


def test_words_between_formulas_keep_a_word_s_space_in_every_format():
    from symgrad.terms import layout as lay
    from symgrad.terms.latex import latex
    from symgrad.terms.mathml import mathml
    from symgrad.terms.spoken import spoken
    from symgrad.terms.typst import typst
    said = lay.phrase("f", lay.words(" Lipschitz with constant "), lay.number(2))
    assert str(said) == "f Lipschitz with constant 2" == spoken(said)
    assert "cdot" not in latex(said) and "·" not in mathml(said) and "dot" not in typst(said)
    assert latex(said).count(r" \ ") == 2 and mathml(said).count('<mspace width="0.3em"/>') == 2


def test_a_narrow_page_names_the_column_of_each_figure():
    from symgrad.render.html import html
    from symgrad.render.page import Page, Section, Table
    table = Table(["layer", "<b>", "why"], [["1", "2.5e-3", "because"]])
    shown = html(Page("title", [Section("", [table])]))
    assert '<td data-name="layer">1</td><td data-name="&lt;b&gt;">2.5e-3</td><td>because</td>' in shown


def test_the_activation_of_each_layer_is_written_out():
    import symgrad as sg
    text = sg.dense([2] * 7, ["x*sigmoid(x)", *["tanh"] * 5]).derivation("b1").text()
    assert "σ₁(t) = " in text and "σ₂(t) = σ₃(t) = … = σ₆(t) = tanh(t)" in text
    assert "σ₂(t) = tanh(t)" in sg.chain(3, ["tanh", "relu"]).derivation("w1").text()
