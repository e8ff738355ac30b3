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
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\s*---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_FIELD = re.compile(r"(?m)^[\w-]+[ \t]*:")
_TITLE = re.compile(r"(?mi)^title[ \t]*:[ \t]*[\"']?(.*?)[\"']?[ \t]*$")
_ATTRIBUTES = re.compile(r"\s*\{[#.:][^{}]*\}\s*$")
"""What pandoc and its kin write behind a heading."""
_LONGEST_HEADING = 1_000
_DEEPEST = 100
"""Levels; a list within a list is two deeper."""
_MOST_MARKED = 50_000
"""Characters of a paragraph whose emphasis and links are looked for; a longer one is no prose."""
_CELL = " | "

_Block = tuple[str, str, str, str, str, bool]
"""Of a token its type, tag, info, markup and content, and whether it is hidden."""


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
    parser = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable(["table", "strikethrough"])
    page = _Page(parser, draft)
    blocks = _Blocks(draft)
    parser.block.ruler.before("table", "gathered", blocks.gathered)
    blocks.take(parser.disable("inline").parse(text, page.env))
    parser.enable("inline")
    for block in blocks.found:
        page.take(*block)


class _Blocks:
    """Gathers what the blocks of a text are while they are found.

    A long text has hundreds of thousands of tokens. Kept as they are, each has Python look through all of them from
    time to time, and while it does no other thread runs; it does not do so with tuples of texts.
    """

    def __init__(self, draft: Draft) -> None:
        self.found: list[_Block] = []
        self._draft = draft

    def gathered(self, state: StateBlock, _line: int, _end: int, silent: bool) -> bool:
        """A rule that finds nothing: it is asked before each block."""
        self._draft.check()
        if state.level >= _DEEPEST - 2:
            self._draft.note("Some of it is nested too deeply and was left out.")
        if not silent and state.level == 0:  # within a block its rule goes back to tokens before
            self.take(state.tokens)
        return False

    def take(self, tokens: list[Token]) -> None:
        """Take over these tokens; none is left in the list."""
        self.found += [(at.type, at.tag, at.info, at.markup, at.content, at.hidden) for at in tokens]
        tokens.clear()


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

    def take(self, kind: str, tag: str, info: str, markup: str, content: str, hidden: bool) -> None:
        match kind:
            case "heading_open":
                self._heading = int(tag[1:])
            case "list_item_open":
                self._mark = f"{info}{markup} " if info else "- "
            case "tr_open":
                self._row = []
            case "tr_close":
                row, self._row = self._row or [], None
                self._add(_CELL.join(row))
                self._between = "\n"
            case "inline":
                self._inline(self._told(content))
            case "code_block" | "fence":
                self._add(content)
            case "html_block":
                add_html(content, self._draft)
            case "bullet_list_open" | "ordered_list_open" | "table_open" | "table_close" | "paragraph_close":
                self._between = "\n" if kind == "paragraph_close" and hidden else PARAGRAPH
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

    def _told(self, content: str) -> str:
        """The words of a block without the marks around them."""
        self._draft.check()
        if len(content) > _MOST_MARKED:
            return content
        found: list[Token] = []
        self._parser.inline.parse(content, self._parser, self.env, found)
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
