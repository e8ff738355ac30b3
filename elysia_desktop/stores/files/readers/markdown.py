"""Reads Markdown as a person reads the page it makes, with markdown-it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elysia_desktop.stores.files.base import missing_documents
from elysia_desktop.stores.files.draft import PARAGRAPH, Draft
from elysia_desktop.stores.files.readers.html import add_html
from elysia_desktop.stores.files.source import Source

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\s*---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_FIELD = re.compile(r"(?m)^[\w-]+[ \t]*:")
_TITLE = re.compile(r"(?mi)^title[ \t]*:[ \t]*[\"']?(.*?)[\"']?[ \t]*$")
_ATTRIBUTES = re.compile(r"\s*\{[#.:][^{}]*\}\s*$")
"""What pandoc and its kin write behind a heading."""
_LONGEST_HEADING = 1_000
_MOST_MARKED = 50_000
"""Characters of a paragraph whose emphasis and links are looked for; a longer one is no prose."""
_CELL = " | "


def read(source: Source, draft: Draft) -> None:
    """The text without its marks, with its headings; fields in front of it as they stand."""
    try:
        from markdown_it import MarkdownIt
    except ImportError as error:
        raise missing_documents("Markdown files") from error
    text = source.text(draft.limits.characters).replace("\r\n", "\n")
    fields = _FRONT_MATTER.match(text)
    if fields and _FIELD.match(fields[1]):
        title = _TITLE.search(fields[1])
        draft.title = title[1] if title else ""
        draft.add(fields[1])
        text = text[fields.end() :]
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    page = _Page(parser, draft)
    blocks = parser.disable("inline").parse(text, page.env)
    parser.enable("inline")
    for token in blocks:
        page.take(token)


class _Page:
    """Gathers the text block by block; the marks within each are looked at one by one, so that time is kept."""

    def __init__(self, parser: MarkdownIt, draft: Draft) -> None:
        self.env: dict[str, object] = {}
        self._parser = parser
        self._draft = draft
        self._mark = ""
        self._heading = 0
        self._row: list[str] | None = None
        self._between = PARAGRAPH

    def take(self, token: Token) -> None:
        match token.type:
            case "heading_open":
                self._heading = int(token.tag[1:])
            case "list_item_open":
                self._mark = f"{token.info}{token.markup} " if token.info else "- "
            case "tr_open":
                self._row = []
            case "tr_close":
                row, self._row = self._row or [], None
                self._add(_CELL.join(row))
                self._between = "\n"
            case "inline":
                self._inline(self._told(token))
            case "code_block" | "fence":
                self._add(token.content)
            case "html_block":
                add_html(token.content, self._draft)
            case "bullet_list_open" | "ordered_list_open" | "table_open" | "table_close" | "paragraph_close":
                self._between = "\n" if token.type == "paragraph_close" and token.hidden else PARAGRAPH
            case _:
                pass

    def _inline(self, text: str) -> None:
        if self._heading:
            text = _ATTRIBUTES.sub("", text) if len(text) < _LONGEST_HEADING else text
            self._draft.title = self._draft.title or (text if self._heading == 1 else "")
            self._draft.add_heading(self._heading, text)
            self._heading = 0
        elif self._row is not None:
            self._row.append(" ".join(text.split()))
        else:
            self._add(text)

    def _add(self, text: str) -> None:
        self._draft.add(self._mark + text, self._between)
        self._mark = ""
        self._between = PARAGRAPH

    def _told(self, token: Token) -> str:
        """The words of a block without the marks around them."""
        self._draft.check()
        if len(token.content) > _MOST_MARKED:
            return token.content
        found: list[Token] = []
        self._parser.inline.parse(token.content, self._parser, self.env, found)
        return "".join(_word(each) for each in found)


def _word(token: Token) -> str:
    match token.type:
        case "text" | "code_inline" | "text_special":
            return token.content
        case "softbreak" | "hardbreak":
            return "\n"
        case "image":
            return token.content
        case _:
            return ""
