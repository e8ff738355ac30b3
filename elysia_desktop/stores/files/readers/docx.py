"""Reads Word documents with python-docx: paragraphs, lists, tables and notes in reading order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol, cast

from elysia_desktop.stores.files import archives
from elysia_desktop.stores.files.base import missing_documents
from elysia_desktop.stores.files.draft import PARAGRAPH, Draft
from elysia_desktop.stores.files.source import Source

if TYPE_CHECKING:
    from docx.document import Document

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BREAKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_LEFT_OUT = frozenset((f"{_W}del", f"{_W}moveFrom", f"{_W}pPr", f"{_W}rPr", _FALLBACK))
"""What was deleted while changes were tracked, and what older programs would show in place of a drawing."""
_AS_WRITTEN = frozenset(("title", "subtitle"))
_NOTES = {f"{_W}footnoteReference": "footnote", f"{_W}endnoteReference": "endnote"}
_MARKS = {"footnote": "", "endnote": "e"}
_CELL = " | "
_DEEPEST = 9


class _Element(Protocol):
    """An XML element as python-docx hands it out."""

    tag: str
    text: str | None

    def get(self, name: str) -> str | None: ...
    def find(self, path: str) -> _Element | None: ...
    def iterfind(self, path: str) -> Iterator[_Element]: ...
    def __iter__(self) -> Iterator[_Element]: ...


def read(source: Source, draft: Draft) -> None:
    """The body of the document; headers and footers, which repeat on each page, are left out."""
    try:
        from docx import Document
    except ImportError as error:
        raise missing_documents("Word documents") from error
    with source.open() as file:
        archives.opened(file, source.name, draft.limits).close()
        file.seek(0)
        try:
            document = Document(file)
        except Exception as error:
            # whatever is wrong with it, python-docx tells it in its own and others' errors
            raise archives.damaged(source.name) from error
        draft.title = document.core_properties.title or ""
        _Body(document, draft).take(cast("_Element", document.element.body))


class _Body:
    """Gathers the text of a document block by block."""

    def __init__(self, document: Document, draft: Draft) -> None:
        self._draft = draft
        self._styles = _Styles(document)
        self._notes = _notes(document)
        self._between = PARAGRAPH

    def take(self, parent: _Element) -> None:
        for element in parent:
            match element.tag.removeprefix(_W):
                case "p":
                    self._paragraph(element)
                case "tbl":
                    self._draft.add_lines(_rows(element))
                    self._add_notes(element)
                    self._between = PARAGRAPH
                case "sdt" | "sdtContent" | "ins" | "customXml" | "smartTag":
                    self.take(element)
                case _:
                    pass

    def _paragraph(self, element: _Element) -> None:
        text = _text(element)
        if not text.strip():
            return
        style = self._styles.of(element)
        level = self._styles.level(element)
        if level:
            self._draft.add_heading(level, text)
        else:
            if style == "title":
                self._draft.title = self._draft.title or text
            is_item = self._styles.is_item(element)
            between = "\n" if is_item and self._between == "\n" else PARAGRAPH
            self._draft.add(f"- {text.strip()}" if is_item else text, between)
            self._between = "\n" if is_item else PARAGRAPH
        self._add_notes(element)

    def _add_notes(self, element: _Element) -> None:
        """Add the notes that an element refers to, as paragraphs below it."""
        for reference in cast("Iterator[_Element]", cast("Any", element).iter(*_NOTES)):
            mark = _mark(reference)
            if note := self._notes.get(mark, "").strip():
                self._draft.add(f"[{mark}] {note}")


class _Styles:
    """What the styles of a document say of its paragraphs."""

    def __init__(self, document: Document) -> None:
        self._names: dict[str, str] = {}
        self._parents: dict[str, str] = {}
        self._levels: dict[str, int] = {}
        self._items: set[str] = set()
        for style in cast("_Element", document.styles.element).iterfind(f"{_W}style"):
            style_id = style.get(f"{_W}styleId") or ""
            self._names[style_id] = (_value(style, "name") or "").lower()
            self._parents[style_id] = _value(style, "basedOn") or ""
            level = _value(style, f"pPr/{_W}outlineLvl")
            if level is not None and level.isdecimal():
                self._levels[style_id] = int(level) + 1
            if style.find(f"{_W}pPr/{_W}numPr") is not None:
                self._items.add(style_id)

    def of(self, paragraph: _Element) -> str:
        """The name of a paragraph's style in lower case, which is English whatever the language of the program."""
        return self._names.get(_value(paragraph, f"pPr/{_W}pStyle") or "", "")

    def level(self, paragraph: _Element) -> int:
        """The level of a heading from 1, 0 for what is none."""
        own = _value(paragraph, f"pPr/{_W}outlineLvl")
        if own is not None and own.isdecimal():
            return _heading(int(own) + 1)
        for style_id in self._line(paragraph):
            words = self._names.get(style_id, "").split()
            if len(words) == 2 and words[0] == "heading" and words[1].isdecimal():
                return _heading(int(words[1]))
            if style_id in self._levels:
                return _heading(self._levels[style_id])
        return 0

    def is_item(self, paragraph: _Element) -> bool:
        """Whether a paragraph is an item of a list."""
        number = _value(paragraph, f"pPr/{_W}numPr/{_W}numId")
        if number is not None:
            return number != "0"
        line = list(self._line(paragraph))
        return any(each in self._items or self._names.get(each, "").startswith("list ") for each in line)

    def _line(self, paragraph: _Element) -> Iterator[str]:
        """The paragraph's style and those it is based on."""
        style_id = _value(paragraph, f"pPr/{_W}pStyle") or ""
        for _ in range(20):
            if not style_id:
                return
            yield style_id
            style_id = self._parents.get(style_id, "")


def _heading(level: int) -> int:
    """Levels beyond the deepest heading are those of body text."""
    return level if level <= _DEEPEST else 0


def _value(element: _Element, path: str) -> str | None:
    found = element.find(f"{_W}{path}")
    return None if found is None else found.get(f"{_W}val")


def _text(element: _Element) -> str:
    return "".join(_pieces(element))


def _pieces(element: _Element) -> Iterator[str]:
    """The words and breaks in an element, those of text boxes in it too; links as their words."""
    for child in element:
        if child.tag in {f"{_W}t", f"{_M}t"}:
            yield child.text or ""
        elif child.tag in _BREAKS:
            yield _BREAKS[child.tag]
        elif child.tag in _NOTES:
            yield f"[{_mark(child)}]"
        elif child.tag not in _LEFT_OUT:
            if child.tag == f"{_W}p":
                yield "\n"
            yield from _pieces(child)


def _rows(table: _Element) -> Iterator[str]:
    """The rows of a table, each a line."""
    for row in _within(table, f"{_W}tr"):
        cells = [" ".join(_text(cell).split()) for cell in _within(row, f"{_W}tc")]
        if any(cells):
            yield _CELL.join(cells)


def _within(parent: _Element, tag: str) -> Iterator[_Element]:
    """The children of this kind, also where a control or a tracked change is around them."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in {f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml"}:
            yield from _within(child, tag)


def _mark(reference: _Element) -> str:
    """What a note is called: by its number, with an “e” before that of an endnote."""
    return f"{_MARKS[_NOTES[reference.tag]]}{reference.get(f'{_W}id')}"


def _notes(document: Document) -> dict[str, str]:
    """The texts of the footnotes and endnotes by what they are called."""
    from docx.oxml.parser import parse_xml

    found: dict[str, str] = {}
    for relation in document.part.rels.values():
        kind = relation.reltype.rpartition("/")[2].removesuffix("s")
        if kind in _MARKS and not relation.is_external:
            notes = cast("_Element", parse_xml(relation.target_part.blob))
            for note in notes.iterfind(f"{_W}{kind}"):
                found[f"{_MARKS[kind]}{note.get(f'{_W}id')}"] = _text(note)
    return found
