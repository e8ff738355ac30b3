"""Files that many programs made; tests/files/README.md tells which."""

from pathlib import Path

import pytest
from files.story import HEADINGS, ROWS, SENTENCES, TITLE
from stores.files.laws import kept

from elysia_desktop.stores.files.reading import read_file

FOLDER = Path(__file__).resolve().parents[2] / "files"
STORIES = [
    path for kind in ("pdf", "docx", "html", "markdown", "text") for path in sorted((FOLDER / kind).iterdir())
]
TABLES = [path for kind in ("csv", "json") for path in sorted((FOLDER / kind).iterdir())]
WITHOUT_HEADINGS = {
    *(
        "pdf/ghostscript.pdf",
        "pdf/groff.pdf",
        "pdf/mupdf.pdf",
        "pdf/qt.pdf",
        "pdf/wkhtmltopdf.pdf",
    ),  # no outline
    *(
        "docx/abiword.docx",
        "docx/officegen.docx",
        "html/abiword.html",
        "html/pdftohtml.html",
    ),  # large letters only
    "markdown/mammoth.md",  # anchors stand before the marks
}
WITHOUT_TITLE_AS_HEADING = {"pdf/libreoffice.pdf"}
WITHOUT_LEVELS = {"pdf/pdfmake.pdf"}
PARTS_WORDS = {"pdf/ghostscript.pdf"}
"""Its letters are moved closer one by one, so that blanks cannot be told from gaps."""


def name(path):
    return f"{path.parent.name}/{path.name}"


def flat(text, blanks=" "):
    return blanks.join(text.split())


@pytest.mark.parametrize("path", STORIES, ids=name)
def test_a_story_is_read_in_order_whichever_program_wrote_it(path):
    read = read_file(path)
    assert read.kind == path.parent.name
    assert read.note == ""
    blanks = "" if name(path) in PARTS_WORDS else " "
    text, at = flat(read.text, blanks), 0
    for sentence in SENTENCES:
        found = text.find(flat(sentence, blanks), at)
        assert found >= 0, sentence
        at = found
    assert "never read" not in text
    assert len(kept(read)) in range(2, 8)
    assert bool(read.pages) == (read.kind == "pdf")


@pytest.mark.parametrize("path", STORIES, ids=name)
def test_headings_are_found_where_the_file_has_them(path):
    read = read_file(path)
    told = [heading.text.lstrip("0123456789. ") for heading in read.headings]
    if path.parent.name == "text" or name(path) in WITHOUT_HEADINGS:
        assert told == []
        return
    expected = [
        words for _, words in HEADINGS if words != TITLE or name(path) not in WITHOUT_TITLE_AS_HEADING
    ]
    assert [words for words in dict.fromkeys(told) if words in expected] == expected
    if name(path) in WITHOUT_LEVELS:
        return
    levels = {heading.text: heading.level for heading in read.headings}
    assert levels["The old bridge"] == levels["The market"] == levels["Prices in March"] - 1
    for heading in read.headings:
        assert flat(read.text[heading.start :]).startswith(heading.text)
    passage = next(passage for passage in kept(read) if "low tide" in flat(passage.text))
    assert passage.heading.endswith("The way to the lighthouse")


@pytest.mark.parametrize("path", sorted((FOLDER / "pdf").iterdir()), ids=name)
def test_what_stands_on_the_last_page_is_told_to_stand_there(path):
    read = read_file(path)
    assert [page.page for page in read.pages] == list(range(1, len(read.pages) + 1))
    assert len(read.pages) >= 2
    assert read.pages[0].start == 0
    passages = kept(read)
    assert passages[0].page == 1
    assert passages[-1].page == len(read.pages) or "lighthouse" in passages[-1].text
    assert "Elm" in read.text[: read.pages[1].start]
    assert "frozen shut" in read.text[read.pages[1].start :].replace("\n", " ")


@pytest.mark.parametrize("path", TABLES, ids=name)
def test_every_value_of_a_table_is_told_with_its_name(path):
    read = read_file(path)
    assert read.kind == path.parent.name
    assert read.note == ""
    lines = read.text.splitlines()
    for row in ROWS:
        line = next(line for line in lines if f"name: {row['name']}" in line)
        town = row["town"].replace("ł", "?") if "excel" in path.name else row["town"]
        for told in (
            f"price: {row['price']}",
            f"town: {town}",
            *([f"remark: {flat(row['remark'])}"] if row["remark"] else []),
        ):
            assert told in line
    kept(read)


def test_nested_values_are_told_with_their_path():
    text = read_file(FOLDER / "json" / "python.json").text
    assert text.startswith(
        "shop.name: Öhl & Sons\nshop.open: true\n"
        "shop.towns: Ålesund, Göteborg, Kołobrzeg, Saint-Malo, Elmsund, Reykjavík\n"
        "wares 1: name: Rope; price: 12.5; town: Ålesund; remark: Strong"
    )


def test_there_are_ten_samples_of_each_kind():
    kinds = ("pdf", "docx", "html", "markdown", "text", "csv", "json")
    assert all(len(list((FOLDER / kind).iterdir())) >= 10 for kind in kinds)
