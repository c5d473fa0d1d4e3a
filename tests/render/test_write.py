"""Files are written whole or not at all, and every mistake is one line."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from sample_pages import SAMPLES

from symgrad.errors import ExtraMissing, SymgradError
from symgrad.render.page import Page
from symgrad.render.write import render, write

PAGE = SAMPLES["equations"]


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("a.html", "<!doctype html>"),
        ("a.tex", r"\documentclass"),
        ("a.md", "# The"),
        ("a.txt", "The"),
        ("a.typ", "#set"),
    ],
)
def test_the_ending_says_the_format(name: str, start: str, tmp_path: Path) -> None:
    assert write(PAGE, None, tmp_path / name) == tmp_path / name
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)
    assert os.listdir(tmp_path) == [name]


def test_a_format_wins_over_the_ending(tmp_path: Path) -> None:
    write(PAGE, "markdown", tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8").startswith("# ")


def test_an_unknown_format_names_the_nearest_one(tmp_path: Path) -> None:
    with pytest.raises(SymgradError, match="did you mean html"):
        write(PAGE, "htm", tmp_path / "a")
    with pytest.raises(SymgradError, match="does not say a format"):
        write(PAGE, None, tmp_path / "a.docx")
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize(
    "bad", ["missing/folder/a.html", ".", "file/a.html", "a\0.html", "x" * 300 + ".html"]
)
def test_a_file_that_cannot_be_written_is_one_line_and_leaves_nothing(bad: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    with pytest.raises(SymgradError, match="cannot write") as caught:
        write(PAGE, "html", str(tmp_path / bad))
    assert "\n" not in str(caught.value)
    assert os.listdir(tmp_path) == ["file"] and (tmp_path / "file").read_text() == "kept"


def test_a_failure_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.html").write_text("old")
    monkeypatch.setattr(
        os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(SymgradError, match="No space left"):
        write(PAGE, None, tmp_path / "a.html")
    assert os.listdir(tmp_path) == ["a.html"] and (tmp_path / "a.html").read_text() == "old"


def test_a_new_file_has_the_usual_permissions_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    write(PAGE, "text", tmp_path / "new.txt")
    assert (tmp_path / "new.txt").stat().st_mode == (tmp_path / "plain").stat().st_mode
    (tmp_path / "plain").chmod(0o640)
    write(PAGE, "text", tmp_path / "plain")
    assert (tmp_path / "plain").stat().st_mode & 0o777 == 0o640


def test_a_link_is_followed_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "goal.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to(tmp_path / "goal.txt")
    write(PAGE, None, tmp_path / "link.txt")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "goal.txt").read_text(encoding="utf-8").startswith("The")


def test_a_missing_typst_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(ExtraMissing, match=r"symgrad\[pdf\]"):
        render(Page("t", []), "pdf")
