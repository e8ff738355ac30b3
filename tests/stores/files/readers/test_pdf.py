import random
from pathlib import Path

import pytest
from stores.files.laws import refusal

from elysia_desktop.core.errors import MissingExtra
from elysia_desktop.stores.files.base import FileRefused
from elysia_desktop.stores.files.limits import Limits
from elysia_desktop.stores.files.readers.pdf import mended
from elysia_desktop.stores.files.reading import read_file

FOLDER = Path(__file__).resolve().parents[3] / "files" / "pdf"
FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def made(path, objects, pages=None):
    """A PDF file of these objects, numbered from 1; the first is its catalogue."""
    data, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += (
            f"{number} 0 obj\n".encode()
            + (content if isinstance(content, bytes) else content.encode())
            + b"\nendobj\n"
        )
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = len(data)
    size = len(objects) + 1
    data += f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer << /Size {size} /Root 1 0 R >>\n".encode()
    data += f"startxref\n{end}\n%%EOF\n".encode()
    path.write_bytes(data)
    return path


def stream(content, entries=""):
    return f"<< /Length {len(content)} {entries} >>\nstream\n{content}\nendstream"


def paged(path, contents):
    """A PDF file with a page for each of these content streams, in which /P is a picture."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(contents)))
    picture = "/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(contents)} >>",
        stream("x", picture),
    ]
    for number, content in enumerate(contents):
        pictures = "/XObject << /P 3 0 R >>" if "/P Do" in content else ""
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Resources << /Font << /F1 {FONT} >> {pictures} >> "
            f"/Contents {5 + 2 * number} 0 R >>",
            stream(content),
        ]
    return made(path, objects)


def shown(text):
    return f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET"


def test_pages_are_told_also_where_some_are_empty(tmp_path):
    read = read_file(paged(tmp_path / "a.pdf", ["", shown("Two"), "", shown("Four"), ""]))
    assert read.text == "Two\n\nFour"
    assert [(page.page, read.text[page.start :]) for page in read.pages] == [
        (1, "Two\n\nFour"), (2, "Two\n\nFour"), (3, "Four"), (4, "Four"), (5, ""),
    ]  # fmt: skip
    assert read.note == ""


def test_pages_that_are_pictures_are_noted(tmp_path):
    read = read_file(paged(tmp_path / "a.pdf", [shown("One"), "/P Do", "/P Do", shown("Four"), "/P Do"]))
    assert read.text == "One\n\nFour"
    assert read.note == "Pages 2–3, 5 held pictures without text."


def test_a_scanned_file_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(
        FileRefused, match="has no text that can be read; its pages may be pictures"
    ) as refused:
        read_file(paged(tmp_path / "a.pdf", ["0 0 10 10 re f"] * 3))
    assert "OCR" in refused.value.hint


def test_a_page_tree_without_end_is_refused(tmp_path):
    objects = ["<< /Type /Catalog /Pages 2 0 R >>"]
    objects += [
        f"<< /Type /Pages /Count 9 /Kids [{3 - number % 2} 0 R {3 - number % 2} 0 R] /Parent 2 0 R >>"
        for number in range(2)
    ]
    with pytest.raises(FileRefused):
        read_file(made(tmp_path / "a.pdf", objects))


def test_pages_that_are_named_a_million_times_are_not_all_read(tmp_path):
    objects = ["<< /Type /Catalog /Pages 2 0 R >>"]
    objects += [
        f"<< /Type /Pages /Count 9 /Kids [{' '.join([f'{number} 0 R'] * 100)}] >>" for number in (3, 4, 5)
    ]
    objects += [
        f"<< /Type /Page /MediaBox [0 0 9 9] /Resources << /Font << /F1 {FONT} >> >> /Contents 6 0 R >>",
        stream(shown("One")),
    ]
    with pytest.raises(FileRefused, match="is damaged"):
        read_file(made(tmp_path / "a.pdf", objects))


def test_a_form_that_draws_itself_does_not_freeze_it(tmp_path):
    resources = f"/Resources << /XObject << /X 5 0 R >> /Font << /F1 {FONT} >> >>"
    form = stream("/X Do " + shown("in"), f"/Type /XObject /Subtype /Form {resources}")
    page = f"<< /Type /Page /Parent 2 0 R {resources} /Contents 4 0 R >>"
    pages = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    content = stream(shown("One") + " /X Do " + shown("Two"))
    read = read_file(
        made(tmp_path / "a.pdf", ["<< /Type /Catalog /Pages 2 0 R >>", pages, page, content, form])
    )
    assert "One" in read.text
    assert "Two" in read.text


def test_no_more_pages_are_read_than_the_limit_says(tmp_path):
    read = read_file(paged(tmp_path / "a.pdf", [shown(f"Page {n}") for n in range(9)]), Limits(pages=3))
    assert read.text == "Page 0\n\nPage 1\n\nPage 2"
    assert read.note == "The first 3 pages were read (page 4 of 9); the rest was left out."


def test_a_page_that_takes_too_long_ends_the_reading(tmp_path):
    with pytest.raises(FileRefused, match="has no text") as refused:
        read_file(paged(tmp_path / "a.pdf", [shown("One") * 200]), Limits(seconds=-1))
    assert "page 1 of 1" in refused.value.hint


@pytest.mark.parametrize("name", ["reportlab.pdf", "weasyprint.pdf", "pdfkit.pdf"])
@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.99])
def test_a_file_that_is_cut_is_read_as_far_as_it_goes_or_refused(tmp_path, name, kept):
    path = tmp_path / "a.pdf"
    data = (FOLDER / name).read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    reason = refusal(read_file, path)
    assert reason is None or "is damaged" in reason or "has no text" in reason


@pytest.mark.parametrize("seed", range(12))
def test_rubbish_in_the_middle_does_no_harm(tmp_path, seed):
    chance = random.Random(seed)
    path = tmp_path / "a.pdf"
    data = bytearray((FOLDER / "pdfkit.pdf").read_bytes())
    at = chance.randrange(100, len(data) - 300)
    data[at : at + 200] = bytes(chance.choices(range(256), k=200))
    path.write_bytes(data)
    reason = refusal(read_file, path)
    assert reason is None or "is damaged" in reason or "has no text" in reason


def test_a_damaged_page_is_noted_and_the_others_are_read(tmp_path):
    path = paged(tmp_path / "a.pdf", [shown("One"), shown("Two"), shown("Three")])
    data = path.read_bytes().replace(b"/Contents 7 0 R", b"/Contents [7 0 R (x) 1]")
    path.write_bytes(data)
    read = read_file(path)
    assert read.text.startswith("One")
    assert read.text.endswith("Three")


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("the oﬃce of ﬁve ﬂags", "the office of five flags"),
        ("a well-\nknown and thirty-\none", "a well-known and thirty-one"),
        (
            "exam-\nple, sen-\ntence, para-\ngraph, well-known, well-\nknown",
            "example, sentence, paragraph, well-known, well-known",
        ),
        ("1-\n2 A-\nB", "1-\n2 A-\nB"),
    ],
)
def test_words_that_were_broken_at_the_ends_of_lines_are_whole(text, whole):
    assert mended(text) == whole


def test_the_part_that_opens_protected_files_is_named_too(monkeypatch):
    from pypdf import PdfReader
    from pypdf.errors import DependencyError

    def lacking(self, password):
        raise DependencyError("cryptography>=3.1 is required for AES algorithm")

    monkeypatch.setattr(PdfReader, "decrypt", lacking)
    with pytest.raises(MissingExtra, match="To read encrypted PDF files"):
        read_file(FOLDER.parent / "locked" / "owner_only_aes256.pdf")


def test_the_missing_part_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pypdf", None)
    with pytest.raises(MissingExtra, match="To read PDF files, the optional part “documents” is needed"):
        read_file(FOLDER / "qt.pdf")
