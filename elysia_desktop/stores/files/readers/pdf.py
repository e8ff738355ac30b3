"""Reads PDF files page by page with pypdf, the headings from their outline."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.errors import ElysiaError
from elysia_desktop.stores.files.archives import damaged
from elysia_desktop.stores.files.base import FileRefused, HeadingAt, missing_documents
from elysia_desktop.stores.files.draft import Draft, clean
from elysia_desktop.stores.files.source import Source

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader
    from pypdf.generic import Destination

logger = logging.getLogger(__name__)

_MOST_OPERATIONS = 1_000_000
"""Drawing operations on a page; one that has more is a picture, not a text."""
_MOST_UNPACKED = 75_000_000
"""Bytes of one part of the file."""
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
_BROKEN_WORD = re.compile(r"(?<![^\W\d_])([^\W\d_]*[^\W\d_A-Z])[-\u2010\u00ad]\n([^\W\d_A-Z][^\W\d_]*)")
_FEWEST_BROKEN = 3
"""Words on a page that is set with hyphenation."""
_NO_TITLE = re.compile(
    r"(?i)untitled|microsoft word - |\(anonymous\)|unnamed|.*\.(docx?|pdf|html?|md|tex|dvi|indd)$"
)

_Outline = dict[int, list[tuple[int, str]]]
"""The levels and titles of the headings on each page, which is counted from 0."""


def read(source: Source, draft: Draft) -> None:
    """The pages in order; pages that cannot be read are noted, a file without any text is refused."""
    try:
        from pypdf import apply_configuration
    except ImportError as error:
        raise missing_documents("PDF files") from error
    # its warnings quote the file and there is nothing to be done about them
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    limited = apply_configuration(
        stream_parsing_work_maximum_count=_MOST_OPERATIONS,
        zlib_maximum_output_length=_MOST_UNPACKED,
        page_tree_maximum_entries=4 * draft.limits.pages,
    )
    with source.open() as file, limited:
        from pypdf import PdfReader

        try:
            reader = PdfReader(file)
            _unlock(reader, source.name)
            count = len(reader.pages)
        except ElysiaError:
            raise
        except Exception as error:
            # damaged files make it raise whatever comes; nothing of this one can be read
            logger.info("A PDF file cannot be opened", exc_info=True)
            raise damaged(source.name) from error
        _read_pages(reader, count, draft)
        if draft.is_empty:
            raise FileRefused(
                f"“{source.name}” has no text that can be read; its pages may be pictures.",
                "Have its text recognised (OCR) and add the result.",
            )


def _unlock(reader: PdfReader, name: str) -> None:
    """Most protected files open with an empty password: they only forbid printing or changing."""
    from pypdf import PasswordType
    from pypdf.errors import DependencyError

    if not reader.is_encrypted:
        return
    try:
        opened = reader.decrypt("")
    except DependencyError as error:
        raise missing_documents("encrypted PDF files") from error
    if opened == PasswordType.NOT_DECRYPTED:
        raise FileRefused(
            f"“{name}” is protected by a password.", "Save a copy without a password and add that."
        )


def _read_pages(reader: PdfReader, count: int, draft: Draft) -> None:
    draft.title = _title(reader)
    outline = _outline(reader)
    unread: list[int] = []
    pictures: list[int] = []
    try:
        for index in range(count):
            draft.progress = f"page {index + 1:,} of {count:,}"
            draft.check()
            draft.begin_page()
            page, text = _text_of(reader, index, draft)
            if text is None:
                unread.append(index + 1)
            elif not text.strip():
                if page is not None and _shows_picture(page):
                    pictures.append(index + 1)
            else:
                piece = mended(clean(text.replace("\t", " "))).strip("\n")
                start = draft.add(piece)
                draft.place_headings(_placed(outline.get(index, ()), piece, start))
    finally:
        if unread:
            draft.note(f"{_pages(unread)} could not be read.")
        if pictures:
            draft.note(f"{_pages(pictures)} held pictures without text.")


def _text_of(reader: PdfReader, index: int, draft: Draft) -> tuple[PageObject | None, str | None]:
    """The page and its text, None where it is damaged."""

    def ticking(*_operation: object) -> None:
        draft.check()

    try:
        page = reader.pages[index]
        return page, page.extract_text(visitor_operand_before=ticking)
    except Exception:
        draft.check()  # one that takes too long is not damaged
        logger.info("A page of a PDF file cannot be read", exc_info=True)
        return None, None


def mended(text: str) -> str:
    """The text without ligatures, its words whole that were broken at the ends of lines.

    Where few lines end in a hyphen the words were not broken to fit: those are compounds, which keep it.
    """
    told = text.translate(_LIGATURES)
    keeps = len(_BROKEN_WORD.findall(told)) < _FEWEST_BROKEN

    def whole(broken: re.Match[str]) -> str:
        with_hyphen = f"{broken[1]}-{broken[2]}"
        return with_hyphen if keeps or with_hyphen in told else broken[1] + broken[2]

    return _BROKEN_WORD.sub(whole, told)


def _title(reader: PdfReader) -> str:
    try:
        title = (reader.metadata.title if reader.metadata else "") or ""
    except Exception:
        logger.info("The title of a PDF file cannot be read", exc_info=True)
        return ""
    return "" if _NO_TITLE.match(title) else title


def _outline(reader: PdfReader) -> _Outline:
    """The file's own table of contents; none where it is damaged."""
    found: _Outline = {}
    try:
        _collect(reader, reader.outline, 1, found)
    except Exception:
        logger.info("The outline of a PDF file cannot be read", exc_info=True)
    return found


def _collect(
    reader: PdfReader, outline: Sequence[Destination | Sequence[Any]], level: int, found: _Outline
) -> None:
    for item in outline:
        if isinstance(item, Sequence):
            _collect(reader, item, level + 1, found)
            continue
        page = reader.get_destination_page_number(item)
        title = " ".join(clean(item.title or "").translate(_LIGATURES).split())
        if page is not None and title:
            found.setdefault(page, []).append((level, title))


def _placed(headings: Iterable[tuple[int, str]], piece: str, start: int) -> list[HeadingAt]:
    """The headings where their words stand on the page, at its beginning where they do not."""
    placed: list[HeadingAt] = []
    after = 0
    for level, title in headings:
        words = r"\s+".join(re.escape(word) for word in title.split())
        pattern = re.compile(rf"^[ \t]*(?:[\d.]+[ \t]+)?{words}", re.MULTILINE | re.IGNORECASE)
        found = pattern.search(piece, after)
        if found:
            after = found.end()
        at = start + (found.start() if found else after)
        placed.append(HeadingAt(at, level, title))
    return placed


def _shows_picture(page: PageObject) -> bool:
    try:
        return len(page.images.keys()) > 0
    except Exception:
        logger.info("The pictures of a PDF file cannot be counted", exc_info=True)
        return True


def _pages(numbers: list[int]) -> str:
    """As in “Pages 1, 3–5”."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    told = [f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    return f"Page{'s' if len(numbers) > 1 else ''} {', '.join(told)}"
