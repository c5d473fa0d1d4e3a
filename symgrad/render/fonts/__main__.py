"""Make the subset of STIX Two Math: `python -m symgrad.render.fonts STIXTwoMath-Regular.{otf,ttf,woff2}`."""

from __future__ import annotations

import sys
from pathlib import Path

from symgrad.render.fonts import characters


def main(source: str) -> None:
    from fontTools import subset

    options = subset.Options(
        flavor="woff2",
        hinting=False,
        layout_features=["ssty", "kern", "dtls"],
        name_IDs=[0, 1, 2, 4, 6, 13, 14],
        glyph_names=False,
        notdef_outline=True,
        desubroutinize=False,
    )
    font = subset.load_font(source, options)
    missing = [c for c in characters() if ord(c) not in font.getBestCmap() and c.isprintable()]
    print("not in the font:", " ".join(missing) or "nothing")
    maker = subset.Subsetter(options)
    maker.populate(text=characters())
    maker.subset(font)
    target = Path(__file__).with_name("stix-two-math-subset.woff2")
    subset.save_font(font, str(target), options)
    print(f"{target.name}: {target.stat().st_size} bytes, {font['maxp'].numGlyphs} glyphs")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m symgrad.render.fonts FONTFILE")
    main(sys.argv[1])
