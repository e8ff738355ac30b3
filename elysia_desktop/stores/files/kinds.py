"""What a file is, told by its content first and by its name second."""

from __future__ import annotations

import re

from elysia_desktop.stores.files import archives
from elysia_desktop.stores.files.base import FileRefused
from elysia_desktop.stores.files.encodings import without_mark
from elysia_desktop.stores.files.limits import Limits
from elysia_desktop.stores.files.source import Source

_BY_SUFFIX = {
    **dict.fromkeys((".htm", ".html", ".xhtml"), "html"),
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mkd"), "markdown"),
    **dict.fromkeys((".csv", ".tsv", ".tab"), "csv"),
    **dict.fromkeys((".json", ".jsonl", ".ndjson", ".geojson"), "json"),
}
_MOST_CONTROLS = 0.03
"""Of a damaged text; whatever has more of them is none."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_AS_PDF = "Save it as DOCX or PDF and add that."
_OTHERS = (
    *((mark, "a picture", "Only text is read.") for mark in (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"BM")),
    *((mark, "an archive", "Unpack it and add the files in it.") for mark in (b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")),
    (b"{\\rtf", "an RTF file", _AS_PDF),
    (b"%!PS", "a PostScript file", "Save it as PDF and add that."),
    (b"MZ", "a program", ""),
    (b"\x7fELF", "a program", ""),
)  # fmt: skip
_MARKS_OF_TEXT = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_HTML = re.compile(
    rb"\s*(<\?xml[^>]{0,200}>\s*|<!--.{0,2000}?-->\s*)*<(!doctype\s+html|html[\s>])",
    re.IGNORECASE | re.DOTALL,
)
_HINT = "PDF, DOCX, HTML, Markdown, text, CSV and JSON files can be read."


def kind_of(source: Source, limits: Limits) -> str:
    """The kind that a file is read as; `FileRefused` for one that cannot be."""
    if source.is_pasted:
        return _BY_SUFFIX.get(source.suffix, "text")
    head = source.head()
    if not head.strip(b"\0 \t\r\n"):
        raise FileRefused(f"“{source.name}” is empty.", "Add a file that has text.")
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(archives.BEGINNING):
        return _kind_of_archive(source, limits)
    _refuse_others(source, head)
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xfe\xff")  # whichever way it is encoded
    if _HTML.match(text):
        return "html"
    return _BY_SUFFIX.get(source.suffix, "text")


def _kind_of_archive(source: Source, limits: Limits) -> str:
    with source.open() as file, archives.opened(file, source.name, limits) as archive:
        names = archive.namelist()
    if any(name.startswith("word/") for name in names) and "[Content_Types].xml" in names:
        return "docx"
    raise _not_read(source, *archives.other_kind(names))


def _refuse_others(source: Source, head: bytes) -> None:
    if head.startswith(_OLE):
        with source.open() as file:
            if _ENCRYPTED_PACKAGE in file.read():
                raise FileRefused(
                    f"“{source.name}” is protected by a password.",
                    "Save a copy without a password and add that.",
                )
        raise _not_read(source, "a file of an older Office program", _AS_PDF)
    for mark, told, hint in _OTHERS:
        if head.startswith(mark) and not (mark.isalpha() and _is_text(head)):
            raise _not_read(source, told, hint or _HINT)
    if not _is_text(head):
        raise _not_read(source, "not a text", _HINT)


def _is_text(head: bytes) -> bool:
    if head.startswith(_MARKS_OF_TEXT):
        return True
    return len(_CONTROLS.findall(head)) <= _MOST_CONTROLS * len(head) or without_mark(head) is not None


def _not_read(source: Source, told: str, hint: str) -> FileRefused:
    return FileRefused(f"“{source.name}” is {told} and cannot be read.", hint)
