import os
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stores.files.laws import refusal

from elysia_desktop.core.errors import MissingExtra
from elysia_desktop.stores.files.base import FileRefused
from elysia_desktop.stores.files.draft import clean, pieces
from elysia_desktop.stores.files.limits import Limits
from elysia_desktop.stores.files.reading import read_file, read_text

NAMES = ("a.txt", "a.md", "a.html", "a.csv", "a.json")
PIECES = [
    "# ",
    "\n",
    "<p>",
    "</div>",
    "{",
    '"a": [',
    "1",
    ",",
    ";",
    "|",
    "`",
    "\\",
    "&amp;",
    "ä",
    "\x00",
    "\ud800",
    "word ",
]


def test_control_characters_and_line_ends_of_all_systems_are_mended():
    read = read_text(
        "a.txt", "\ufeffOne\x00\x07 two\r\nthree\rfour\u2028five  \n\n\n\nsoft\u00adly\fend\ud800\n"
    )
    assert read.text == "One two\nthree\nfour\nfive\n\nsoftly\n\nend"


@settings(deadline=None)
@given(st.lists(st.sampled_from([*PIECES, " ", "a", "\r\n", "\xad", " " * 45, "\u2010\n"])).map("".join))
def test_a_text_that_is_gone_through_in_pieces_becomes_the_same(text):
    cut = list(pieces(text, 3))
    assert "".join(cut) == text
    assert "".join(map(clean, cut)) == clean(text)


def test_a_long_text_is_gone_through_in_short_pieces():
    for text in ("word " * 100_000, "word\n\n" * 100_000, "w" * 500_000):
        assert max(map(len, pieces(text))) < 110_000


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=40)
@given(text=st.text(max_size=500) | st.lists(st.sampled_from(PIECES), max_size=80).map("".join))
def test_any_text_is_read_or_refused_and_can_be_kept(name, text):
    reason = refusal(read_text, name, text)
    assert reason is None or "has no text" in reason or "levels deep" in reason
    if reason is None:
        read = read_text(name, text)
        read.text.encode()
        assert not set(read.text) & {"\x00", "\r", "\ufeff"}
        assert read.text == read.text.strip("\n")


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=40)
@given(data=st.binary(max_size=600))
def test_any_bytes_are_read_or_refused(tmp_path_factory, name, data):
    path = tmp_path_factory.mktemp("any") / name
    path.write_bytes(data)
    reason = refusal(read_file, path)
    assert reason is None or name in reason


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "unit", [" ", "x", ".", "(", "\n", " \n", "#", "| ", "\t", "<", '"', ",", "*", "[", "`", "![", "- "]
)
def test_what_is_repeated_without_end_is_read_in_reasonable_time(name, unit):
    text = "Begin " + unit * (60_000 // len(unit)) + " end"
    assert refusal(read_text, name, text) is None


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(2_000_000)
    with pytest.raises(FileRefused, match="has 2 MB; no more than 1 MB are read"):
        read_file(path, Limits(size=1_000_000))


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.csv"])
def test_no_more_characters_are_read_than_the_limit_says(name):
    read = read_text(name, "A word and more.\n\n" * 200, Limits(characters=1_000))
    assert len(read.text) <= 1_000
    assert read.text.startswith("A word")
    assert "The first 1,000 characters were read" in read.note
    assert "the rest was left out." in read.note


def test_of_a_huge_text_only_the_beginning_is_read(tmp_path):
    path = tmp_path / "huge.log"
    with path.open("wb") as file:
        file.write("Grüße vom Anfang.\n".encode() * 10_000)
        file.truncate(200_000_000)
    read = read_file(path, Limits(characters=100_000))
    assert len(read.text) in range(99_000, 100_001)
    assert "The first 100,000 characters were read" in read.note


def test_a_text_that_just_fits_is_read_without_a_note():
    assert read_text("a.txt", "x" * 1_000, Limits(characters=1_000)).note == ""


@pytest.mark.parametrize("name", ["a.csv", "a.md", "a.html", "a.jsonl"])
def test_reading_stops_when_its_time_is_over_and_says_how_far_it_came(name):
    text = '{"a": 1}\n' * 5_000 if name == "a.jsonl" else "<p>one</p>\n\nA row,of a table\n\n" * 5_000
    with pytest.raises(FileRefused, match="has no text") as refused:
        read_text(name, text, Limits(seconds=-1))
    assert "Reading stopped after" in refused.value.hint


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything may be read by root")
def test_a_file_that_may_not_be_read_is_refused(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("secret")
    path.chmod(0)
    with pytest.raises(FileRefused, match="cannot be opened: Permission denied"):
        read_file(path)


@pytest.mark.parametrize(
    ("module", "name", "told"),
    [
        ("selectolax.lexbor", "a.html", "HTML files"),
        ("markdown_it", "a.md", "Markdown files"),
    ],
)
def test_a_missing_part_is_named_with_how_to_install_it(monkeypatch, module, name, told):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(
        MissingExtra, match=f"To read {told}, the optional part “documents” is needed"
    ) as missing:
        read_text(name, "# One\n\n<p>two</p>")
    assert 'pip install "elysia-desktop[documents]"' in missing.value.hint


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.json"])
def test_texts_tables_and_json_need_no_optional_part(monkeypatch, tmp_path, name):
    for module in ("pypdf", "docx", "selectolax.lexbor", "markdown_it", "charset_normalizer"):
        monkeypatch.setitem(sys.modules, module, None)
    path = tmp_path / name
    path.write_bytes('["Grüße"]'.encode("latin-1"))
    assert "Grüße" in read_file(path).text


def test_importing_the_readers_imports_no_library():
    import subprocess

    code = (
        "import sys; import elysia_desktop.stores.files.reading, elysia_desktop.stores.files.passages\n"
        "print({'pypdf', 'docx', 'lxml', 'selectolax', 'markdown_it', 'charset_normalizer', 'numpy'} & set(sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    assert told.strip() == "set()"
