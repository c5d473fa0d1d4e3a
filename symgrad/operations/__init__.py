"""Operations: each is one record that says everything about it (formula, derivative, code, enclosure,
print)."""
