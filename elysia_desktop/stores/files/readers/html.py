"""Reads web pages as a person sees them: headings, paragraphs, lists, tables; nothing is loaded."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from elysia_desktop.stores.files.base import missing_documents
from elysia_desktop.stores.files.draft import PARAGRAPH, Draft
from elysia_desktop.stores.files.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selectolax.lexbor import LexborNode

_UNSEEN = frozenset(
    ("script", "style", "nav", "noscript", "template", "head", "svg", "iframe", "object", "canvas", "select",
     "annotation", "datalist", "audio", "video", "title", "-comment", "-doctype")
)  # fmt: skip
_ROLES = frozenset(("navigation", "search"))
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    ("p", "div", "section", "article", "main", "header", "footer", "aside", "ul", "ol", "dl", "blockquote", "figure",
     "figcaption", "address", "form", "fieldset", "details", "summary", "hr", "body", "html", "center", "hgroup",
     "table", "caption", "pre", *_HEADINGS)
)  # fmt: skip
_LINES = frozenset(("li", "dt", "dd", "tr", "br", "option", "legend"))
_CELLS = frozenset(("td", "th"))
_LISTS = frozenset(("ul", "ol"))
_LAID_OUT = "table, h1, h2, h3, h4, h5, h6"
"""What tables only hold that lay out a page."""
_CODE = re.compile(r"<(?:(!--)|(script|style|svg)(?![\w-])[^<>]*(?<!/)>)", re.IGNORECASE)
_CODE_ENDS = {
    "!--": re.compile("-->"),
    "script": re.compile(r"</[sS][cC][rR][iI][pP][tT][^<>]*>"),
    "style": re.compile(r"</[sS][tT][yY][lL][eE][^<>]*>"),
    "svg": re.compile(r"</[sS][vV][gG][^<>]*>"),
}
_TAG = re.compile(r"<[^<>]*>")
_OPEN_OR_CLOSED = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_NEVER_NESTED = frozenset(
    ("p", "li", "dt", "dd", "td", "th", "tr", "thead", "tbody", "tfoot", "option", "colgroup", "body", "html", "head",
     "br", "img", "hr", "input", "meta", "link", "col", "area", "base", "embed", "source", "track", "wbr")
)  # fmt: skip
"""Tags that need not be closed."""
_MOST_STEPS = 20_000_000
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_CELL = " | "
_LINK_TO_ITSELF = "¶# "
"""What generators of documentation put behind a heading."""


def read(source: Source, draft: Draft) -> None:
    """The main text of a page with its headings and its title."""
    most = draft.limits.characters
    text = source.text(4 * most, names_its_encoding=True)
    add_html(text, draft)


def add_html(text: str, draft: Draft) -> None:
    """Take what a reader sees of some HTML into the draft."""
    try:
        from selectolax.lexbor import LexborHTMLParser
    except ImportError as error:
        raise missing_documents("HTML files") from error
    text = _without_code(text)
    if _is_tangled(text):
        draft.note("It is nested too deeply; its headings and tables were not looked for.")
        draft.add(unescape(_TAG.sub(" ", text)))
        return
    parsed = LexborHTMLParser(text)
    title = parsed.css_first("title")
    draft.title = draft.title or (title.text() if title is not None else "")
    if parsed.root is not None:
        _Page(draft).take(parsed.root)


def _without_code(text: str) -> str:
    """The page without scripts, styles, drawings and comments: none is seen, and what looks like a tag there is none."""
    kept: list[str] = []
    endless: set[str] = set()
    at = 0
    for begun in _CODE.finditer(text):
        kind = (begun[1] or begun[2]).lower()
        if begun.start() < at or kind in endless:
            continue
        end = _CODE_ENDS[kind].search(text, begun.end())
        if end is None:
            endless.add(kind)
            continue
        kept.append(text[at : begun.start()])
        at = end.end()
    return "".join((*kept, text[at:]))


def _is_tangled(text: str) -> bool:
    """Whether a parser would take too long: each tag makes it look through all that are open."""
    depth = deepest = tags = 0
    for tag in _OPEN_OR_CLOSED.finditer(text):
        tags += 1
        if tag[2].lower() not in _NEVER_NESTED:
            depth = max(depth + (-1 if tag[1] else 1), 0)
            deepest = max(deepest, depth)
    return tags * deepest > _MOST_STEPS


class _Page:
    """Gathers the text of a page block by block."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._block: list[str] = []
        self._between = PARAGRAPH
        self._heading = 0
        self._preformatted = 0
        self._lists: list[int | None] = []
        """Of each list that is open the number of its last item, None where items have none."""
        self._mark = ""
        self._row: int | None = None
        """The row of a table that is read as one line, known by its node."""

    def take(self, root: LexborNode) -> None:
        for node, enters in _walk(root):
            tag = node.tag or ""
            if tag == "-text":
                if enters:
                    self._add(node.text_content or "")
            elif self._row is not None:
                self._within_row(node, tag, enters)
            elif tag in _BLOCKS or (tag in _CELLS and enters):
                self._end(PARAGRAPH)
                self._meet(tag, enters)
            elif tag in _LINES:
                self._end("\n")
                if tag == "li" and enters:
                    self._mark = self._next_mark()
                elif tag == "tr" and enters and node.css_first(_LAID_OUT) is None:
                    self._row = node.mem_id
            elif tag == "img" and enters:
                self._add(node.attributes.get("alt") or "")
        self._end(PARAGRAPH)

    def _within_row(self, node: LexborNode, tag: str, enters: bool) -> None:
        if node.mem_id == self._row:
            self._row = None
            self._end("\n")
        elif tag in _CELLS and enters and "".join(self._block).strip():
            self._block.append(_CELL)
        elif tag in _BLOCKS or tag in _LINES:
            self._block.append(" ")

    def _meet(self, tag: str, enters: bool) -> None:
        if tag in _HEADINGS:
            self._heading = _HEADINGS[tag] if enters else 0
        elif tag == "pre":
            self._preformatted += 1 if enters else -1
        elif tag in _LISTS and enters:
            self._lists.append(0 if tag == "ol" else None)
        elif tag in _LISTS and self._lists:
            self._lists.pop()

    def _next_mark(self) -> str:
        if not self._lists or self._lists[-1] is None:
            return "- "
        self._lists[-1] += 1
        return f"{self._lists[-1]}. "

    def _add(self, text: str) -> None:
        self._block.append(text if self._preformatted else _BLANKS.sub(" ", text))

    def _end(self, between: str) -> None:
        """End a line or a paragraph; `between` parts it from the next."""
        text = "".join(self._block)
        self._block.clear()
        if not self._preformatted:
            text = _BLANKS.sub(" ", text).strip()
        if text.strip():
            if self._heading:
                self._draft.add_heading(self._heading, text.rstrip(_LINK_TO_ITSELF))
            else:
                self._draft.add(self._mark + text, self._between)
            self._mark = ""
            self._between = between
        elif between == PARAGRAPH:
            self._between = PARAGRAPH


def _walk(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """All nodes that are seen, entering and leaving, without recursion: pages may be nested as deep as they like."""
    node: LexborNode | None = root
    while node is not None:
        yield node, True
        is_seen = node.tag not in _UNSEEN and not _is_hidden(node)
        child = node.first_child if is_seen else None
        if child is not None:
            node = child
            continue
        yield node, False
        while node is not None and node.mem_id != root.mem_id and node.next is None:
            node = node.parent
            if node is not None:
                yield node, False
        node = node.next if node is not None and node.mem_id != root.mem_id else None


def _is_hidden(node: LexborNode) -> bool:
    if (node.tag or "-").startswith("-"):
        return False
    attributes = node.attributes
    return "hidden" in attributes or attributes.get("role") in _ROLES
