"""Rigorous arithmetic on python-flint: enclosures, power series, certified suprema of functions of one
variable."""
