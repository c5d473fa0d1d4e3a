"""A file is written whole or not at all, whoever writes it and whatever comes between."""

from __future__ import annotations

import os
import threading

import pytest

from symgrad import files
from symgrad.errors import SymgradError
from symgrad.files import write_file


def test_an_interruption_leaves_the_old_file_and_no_remains(tmp_path, monkeypatch):
    target = tmp_path / "page.html"
    write_file("old", target)

    def interrupted(handle):
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_file("new", target)
    assert target.read_text() == "old" and os.listdir(tmp_path) == ["page.html"]


def test_many_writers_of_one_file_leave_one_of_their_texts_whole(tmp_path):
    target = tmp_path / "page.html"
    texts = [letter * 200_000 for letter in "abcd"]
    threads = [threading.Thread(target=write_file, args=(text, target)) for text in texts * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert target.read_text() in texts and os.listdir(tmp_path) == ["page.html"]


def test_the_permissions_of_an_old_file_and_a_link_to_it_stay(tmp_path):
    (tmp_path / "real").write_text("old")
    os.chmod(tmp_path / "real", 0o640)
    (tmp_path / "link").symlink_to("real")
    write_file("new", tmp_path / "link")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real").read_text() == "new"
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("name", ["", ".", "no/such/folder/page.html", "a" * 300, "a\0b", "loop"])
def test_a_place_that_cannot_be_written_is_one_line(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(SymgradError, match="cannot write") as caught:
        write_file("text", name)
    assert "\n" not in str(caught.value) and os.listdir(tmp_path) == ["loop"]
