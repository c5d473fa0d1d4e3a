"""Whole pages: derivations and reports as LaTeX, Markdown, text, HTML, Typst and PDF."""
