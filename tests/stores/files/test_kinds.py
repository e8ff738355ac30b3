import shutil
from pathlib import Path

import pytest

from elysia_desktop.stores.files.base import FileRefused
from elysia_desktop.stores.files.reading import read_file, read_text

FOLDER = Path(__file__).resolve().parents[2] / "files"
STORY = "The bridge was opened."


def written(folder, name, data):
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize(
    ("sample", "name", "kind"),
    [
        ("pdf/reportlab.pdf", "letter.txt", "pdf"),
        ("pdf/reportlab.pdf", "letter", "pdf"),
        ("docx/pandoc.docx", "letter.pdf", "docx"),
        ("html/pandoc.html", "export.csv", "html"),
        ("html/tidy.html", "page.txt", "html"),
        ("text/libreoffice.txt", "notes", "text"),
        ("text/pandoc.txt", "notes.log", "text"),
    ],
)
def test_the_content_says_what_a_file_is_before_its_name_does(tmp_path, sample, name, kind):
    path = tmp_path / name
    shutil.copyfile(FOLDER / sample, path)
    read = read_file(path)
    assert read.kind == kind
    assert "bridge keeper" in read.text.replace("\n", " ")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.md", "markdown"), ("a.MARKDOWN", "markdown"), ("a.csv", "csv"), ("a.tsv", "csv"), ("a.htm", "html"),
        ("a.txt", "text"), ("a", "text"), ("a.py", "text"),
    ],
)  # fmt: skip
def test_the_name_says_how_a_text_is_read(tmp_path, name, kind):
    assert read_file(written(tmp_path, name, STORY)).kind == kind
    assert read_text(name, STORY).kind == kind


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.pdf", b"", "is empty"),
        ("a.txt", b" \n\0\0", "is empty"),
        ("a.txt", b"\xef\xbb\xbf\n", "has no text"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is a picture"),
        ("a.txt", b"\xff\xd8\xff\xe0\0\x10JFIF\0", "is a picture"),
        ("a.txt", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff", "is a program"),
        ("a.txt", b"\x7fELF\x02\x01\x01\0\0\0\0\0", "is a program"),
        ("a.json", b"\x1f\x8b\x08\0\0\0\0\0", "is an archive"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is a file of an older Office program"),
        ("a.txt", b"{\\rtf1\\ansi Hello}", "is an RTF file"),
        ("a.txt", bytes(range(256)) * 8, "is not a text"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_refused_in_words(tmp_path, name, data, told):
    with pytest.raises(FileRefused, match=told) as refused:
        read_file(written(tmp_path, name, data))
    assert name in str(refused.value)
    assert refused.value.hint


@pytest.mark.parametrize("text", ["MZ is a postal code of Mainz.", "BMW makes cars."])
def test_a_text_that_begins_like_a_program_or_picture_is_a_text(tmp_path, text):
    assert read_file(written(tmp_path, "a.txt", text)).text == text


@pytest.mark.parametrize(
    ("members", "told"),
    [
        (("xl/workbook.xml",), "is a spreadsheet"),
        (("ppt/presentation.xml",), "is a presentation"),
        (("META-INF/manifest.xml", "content.xml"), "is an OpenDocument file"),
        (("META-INF/container.xml",), "is an e-book"),
        (("letter.txt",), "is an archive"),
    ],
)
def test_archives_that_are_no_word_documents_are_refused_by_name(tmp_path, members, told):
    from zipfile import ZipFile

    path = tmp_path / "letter.docx"
    with ZipFile(path, "w") as archive:
        for member in members:
            archive.writestr(member, "text")
    with pytest.raises(FileRefused, match=told) as refused:
        read_file(path)
    assert refused.value.hint


def test_a_folder_and_a_file_that_is_gone_are_refused(tmp_path):
    with pytest.raises(FileRefused, match="is not a file"):
        read_file(tmp_path)
    with pytest.raises(FileRefused, match="is not there any more"):
        read_file(tmp_path / "gone.txt")


@pytest.mark.parametrize("name", ["user_rc4.pdf", "user_aes256.pdf", "msoffcrypto.docx"])
def test_a_file_with_a_password_is_refused_in_words(name):
    with pytest.raises(FileRefused, match="is protected by a password") as refused:
        read_file(FOLDER / "locked" / name)
    assert "without a password" in refused.value.hint


@pytest.mark.parametrize("name", ["owner_only_rc4.pdf", "owner_only_aes256.pdf"])
def test_a_file_that_only_its_owner_may_change_is_read(name):
    assert read_file(FOLDER / "locked" / name).text == read_file(FOLDER / "pdf" / "reportlab.pdf").text
