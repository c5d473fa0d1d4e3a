"""Formulas: the terms, and how a formula is laid out and written."""
