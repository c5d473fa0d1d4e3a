"""Pages like the ones users will make: equations, a deep network, norm bounds, a report; and one full of
traps.
"""

from __future__ import annotations

from fractions import Fraction

from symgrad.render.page import (
    Bullets,
    Code,
    Derivation,
    Display,
    Figure,
    Line,
    Link,
    Page,
    Paragraph,
    Preformatted,
    Section,
    Status,
    Table,
)
from symgrad.terms.layout import (
    Writable,
    absolute,
    add,
    affine,
    apply,
    big,
    cases,
    gradient,
    hadamard,
    layered,
    letter,
    matrix,
    norm,
    number,
    partial,
    power,
    product,
    relation,
    scripted,
    subtract,
    transpose,
    words,
)
from symgrad.terms.notation import Notation

slopes, slope = letter("Sigma", primes=1), letter("sigma", primes=1)
l, L = affine({"l": 1}), affine({"L": 1})
above = affine({"l": 1}, 1)
residual = subtract(layered("a", "L"), "y")


def delta(i: Writable) -> Notation:
    return layered("delta", i)


def w(i: Writable) -> Notation:
    return layered("w", i)


def z(i: Writable) -> Notation:
    return layered("z", i)


def a(i: Writable) -> Notation:
    return layered("a", i)


def Sigma(i: Writable) -> Notation:
    return apply(slopes, z(i))


def C(i: Writable, at: Writable) -> Notation:
    return apply(scripted("C", sub=i), at)


def bound(i: Writable) -> Notation:
    exponent = affine({"L": 1, "l": -1}, 1)
    return product(
        power("gamma", exponent),
        big("product", norm(w("r"), 2), index="r", lower=i, upper=L),
        norm(residual, 2),
    )


def equations() -> Page:
    proved = Status("proved", "chain rule, algebra")
    bp1 = Derivation(
        [
            Line(
                gradient(C(L, z(L))),
                left=delta(L),
                reason=["definition of ", letter("delta")],
                status=Status("definition"),
                anchor="bp1-1",
            ),
            Line(
                product(Sigma(L), residual),
                status=proved,
                reason=[
                    Link("chain rule", "https://example.org/chain_rule?a=1&b=%20#top"),
                    ", definition of ",
                    C(L, "v"),
                ],
            ),
            Line(hadamard(residual, apply(slope, z(L))), reason="diagonal times vector", status=proved),
        ]
    )
    bp2 = Derivation(
        [
            Line(gradient(C(l, z(l))), left=delta(l), reason="definition", status=Status("definition")),
            Line(
                product(transpose(product(w(above), Sigma(l))), gradient(C(above, z(above)))),
                reason=["chain rule, definitions of ", z(above), " and ", a(l)],
                status=proved,
            ),
            Line(
                product(Sigma(l), transpose(w(above)), delta(above)),
                reason="algebra",
                status=proved,
                anchor="bp2",
            ),
        ]
    )
    bp34 = Derivation(
        [
            Line(delta(l), left=partial("C", layered("b", l)), reason="chain rule (pullback)", status=proved),
            Line(
                product(delta(l), transpose(a(affine({"l": 1}, -1)))),
                left=partial("C", w(l)),
                reason="pullback",
                status=proved,
            ),
        ]
    )
    body = product(Sigma(affine({"r": 1}, -1)), transpose(w("r")))
    closed = relation(
        delta(l), "eq", product(big("product", body, index="r", lower=above, upper=L), Sigma(L), residual)
    )
    cost = relation("C", "eq", product(Fraction(1, 2), power(norm(residual, 2), 2)))
    return Page(
        "The backpropagation equations",
        [
            Section(
                "BP1: the error of the last layer",
                [Paragraph(["With half the squared error ", cost, "."]), bp1],
                "BP1",
            ),
            Section(["BP2: one layer down, ", relation(1, "le", "l", "lt", "L")], [bp2], "BP2"),
            Section("BP3 and BP4: the parameters", [bp34]),
            Section(
                "Closed form", [Paragraph(["By induction, from ", Link("BP2", "#BP2"), ":"]), Display(closed)]
            ),
        ],
        subtitle=["A dense network of symbolic depth ", letter("L"), "."],
        provenance=["made by ", Code("symgrad derive")],
    )


def deep(layers: int) -> Page:
    lines = [
        Line(
            product(Sigma(layers), subtract(a(layers), "y")),
            left=delta(layers),
            reason="BP1",
            status=Status("proved", "instance of BP1"),
            measured=(2.3e-16, 1.1e-15),
        )
    ]
    lines += [
        Line(
            product(Sigma(k), transpose(w(k + 1)), delta(k + 1)),
            left=delta(k),
            measured=(2e-16 * k, None),
            reason=["BP2 at ", relation("l", "eq", k)],
            status=Status("proved", "instance of BP2"),
        )
        for k in range(layers - 1, 0, -1)
    ]
    lines.append(
        Line(
            product(delta(1), transpose(a(0))),
            left=partial("C", w(1)),
            reason="BP4",
            measured=(0.0, 3e-16),
            status=Status("proved", "instance of BP4"),
        )
    )
    return Page(
        f"A network of {layers} layers",
        [Section("Derivation", [Derivation(lines, ("two sides", "complex step"))])],
    )


def bounds() -> Page:
    def at(k: int) -> Notation:
        return affine({"l": 1}, k)

    long = [factor for k in range(1, 9) for factor in (Sigma(at(k)), transpose(w(at(k + 1))))]
    lines = [
        Line(
            norm(product(Sigma(l), transpose(w(above)), delta(above)), 2),
            left=norm(delta(l), 2),
            reason=Link("BP2", "#x"),
            status=Status("proved", "BP2"),
        ),
        Line(
            product(norm(Sigma(l), 2), norm(transpose(w(above)), 2), norm(delta(above), 2)),
            "le",
            reason="submultiplicative",
            status=Status("proved", "submultiplicative"),
        ),
        Line(
            product(*[norm(factor, 2) for factor in long]),
            "le",
            reason="and so on, factor by factor, up to the last",
        ),
        Line(
            bound(above),
            "le",
            status=Status("computed", "γ = ¼ by balls"),
            reason=[
                "diagonal norm, ",
                relation("gamma", "assign", big("sup", absolute(apply(slope, "t")), lower="t")),
            ],
        ),
        Line(
            norm(product(*long, delta(L)), 2),
            "lt",
            left=norm(product(*long[:4], delta(above)), 2),
            reason="a norm too wide for any page has to be opened",
            status=Status("failed", "line 5 says less"),
        ),
        Line(add(bound(1), minus_long(long)), "ge", status=Status("cited", "a book")),
    ]
    base = Derivation(
        [Line(product("gamma", norm(residual, 2)), "le", left=norm(delta(L), 2), reason="BP1, diagonal norm")]
    )
    hypothesis = relation(norm(delta(above), 2), "le", bound(affine({"l": 1}, 2)))
    return Page(
        "Vanishing gradients",
        [
            Section(["Bound by factors, ", relation(1, "le", "l", "le", "L")], [Derivation(lines)]),
            Section(["Base of the induction, ", relation("l", "eq", "L")], [base]),
            Section(
                ["Step: from ", above, " to ", l],
                [
                    Paragraph(["Hypothesis: ", hypothesis, "."]),
                    Bullets(
                        [
                            ["smoothness of ", letter("sigma"), " at every ", scripted(z("r"), sub="j")],
                            [relation("gamma", "lt", "infinity")],
                        ]
                    ),
                    Derivation(lines[:2]),
                ],
            ),
        ],
    )


def minus_long(factors: list[Notation]) -> Notation:
    return add(product(-1, "x"), norm(product(*factors), "F"), -2)


def report(claims: int) -> Page:
    statements = [
        relation(norm(partial("C", layered("b", l)), 2), "le", bound(above)),
        relation(slope, "eq", product("sigma", subtract(1, "sigma"))),
        relation("W", "eq", matrix([[2, -4], [1, -2]])),
        relation(delta(1), "eq", 4),
        relation(apply("f", "x"), "eq", cases((0, relation("x", "lt", 0)), ("x", words("otherwise")))),
    ]
    statuses = [
        Status("proved", "induction, submultiplicative, transpose norm"),
        Status("refuted", "counterexample"),
        Status("computed", "balls"),
        Status("cited", "Taylor–Peano"),
        Status("failed", "line 3"),
    ]
    rows = [
        [
            Link(f"C{i}", f"#C{i}"),
            f"claim {i}: the gradient is small | when any weight tends to $0$",
            [statements[i % 5]],
            statuses[i % 5],
            f"{i / 100:.2f} s",
        ]
        for i in range(1, claims + 1)
    ]
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 60" width="400" height="120">'
        '<path d="M5 55 L60 10 L195 5" fill="none" stroke="#2563eb" stroke-width="2"/></svg>'
    )
    return Page(
        "Forty-three claims",
        [
            Section(
                "Verdicts",
                [
                    Table(
                        ["id", "claim", "statement", "verdict", "time"],
                        rows,
                        widths=[0.6, 3, 4, 2.4, 0.8],
                        anchors=[f"C{i}" for i in range(1, claims + 1)],
                    )
                ],
            ),
            Section(
                "A counterexample",
                [
                    Paragraph(
                        [
                            "With ",
                            relation(w(2), "eq", matrix([[1, 0], [1, 0]])),
                            " and a rate of ",
                            number("1e-10"),
                            ".",
                        ]
                    ),
                    Preformatted("symgrad prove\n  C8  refuted"),
                    Figure(drawing, "The norm of the error.", "a falling line"),
                ],
            ),
        ],
    )


HOSTILE = [
    "<script>alert(1)</script>",
    "\\input{/etc/passwd}",
    "a|b",
    "$x$",
    "#1",
    "100%",
    "`code`",
    "``` fence",
    "@user",
    "[x](javascript:alert(1))",
    "\x1b[31mred",
    "\u202egnp",
    "&amp;",
    "]]>",
    "--> */",
    '#eval("1") #let',
    "\\end{document}",
    "// comment /* */",
    "^^41 ~^_{}",
    "日本 😀",
    "",
    "   ",
    "- item",
    "1. item",
    "= title",
    "'\"quoted\"'",
    ":smile: www.a.b",
    "a" * 200,
    "\\",
    "\0",
    "line\nbreak",
    "# head",
    "€ ħ ſ Ÿ",
    "x_1^2",
    "\u00a0",
    "<b",
    "{{",
    "}}",
    "$`",
    "`$",
    "~~~",
    "*a*",
]


def hostile(text: str) -> Page:
    name = letter(text[:16] or "f")
    formula = relation(apply(name, words(text)), "eq", scripted(name, sub=words(text[:16])))
    return Page(
        text,
        [
            Section(
                text,
                [
                    Paragraph(
                        [
                            "before ",
                            text,
                            " after ",
                            Code(text),
                            " ",
                            Link(text, "#" + text),
                            " ",
                            Status("failed", text),
                        ]
                    ),
                    Paragraph(text),
                    Bullets([text, [text, formula]]),
                    Display(formula, anchor=text or "d"),
                    Preformatted(text),
                    Derivation(
                        [
                            Line(
                                formula,
                                left=words(text),
                                reason=text,
                                status=Status("proved", text),
                                number=text,
                                measured=(1e-3,),
                                anchor=text or "e",
                            )
                        ],
                        (text,),
                    ),
                    Table(
                        [text, "plain"],
                        [[text, formula], [Link(text, text), Status("cited", text)]],
                        anchors=[text or "f", None],
                    ),
                    Figure("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", text, text),
                ],
                anchor=text or "s",
            )
        ],
        subtitle=text,
        provenance=text,
    )


SAMPLES = {"equations": equations(), "deep": deep(20), "bounds": bounds(), "report": report(43)}


def everything() -> Page:
    """All samples and all traps on one page, for tools that are slow to start."""
    pages = [*SAMPLES.values(), *map(hostile, HOSTILE)]
    return Page("Everything", [section for page in pages for section in page.sections])
