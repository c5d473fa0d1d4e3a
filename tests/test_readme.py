"""Every Python block of the README runs, in order, in one namespace."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"


def test_every_python_block_of_the_readme_runs():
    blocks = re.findall(r"^```python\n(.*?)^```", README.read_text("utf-8"), re.S | re.M)
    assert len(blocks) >= 5
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(README), "exec"), names)


def test_the_readme_has_exactly_two_commands():
    blocks = re.findall(r"^```(?:sh|bash)\n(.*?)^```", README.read_text("utf-8"), re.S | re.M)
    assert len(blocks) == 2 and all("pip install" in block for block in blocks)
