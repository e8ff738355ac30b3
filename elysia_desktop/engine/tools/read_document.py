"""The tool that reads a file of the conversation, from its beginning or some of its pages."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.errors import ToolError
from elysia_desktop.engine.budget import budget_for, estimate_tokens
from elysia_desktop.engine.documents import (
    DocumentTool,
    PassageRetrieval,
    chosen_one,
    documents_of,
    last_page_of,
)
from elysia_desktop.engine.tool import ToolInput

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.files import PageStart, Passage
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model

_SHARE = 2
"""A part that is read at once takes one of so many parts of a prompt."""
_MOST_PASSAGES = 40
_PAGES = re.compile(r"\D*([0-9]{1,7})(?:\D+([0-9]{1,7}))?\D*")


class ReadDocument(DocumentTool):
    """Read a file in its order: a part of it, or some pages."""

    name = "read_document"
    description = (
        "Read a file word for word, from its beginning, or the pages asked for. For when the order or the exact "
        "words of a file matter."
    )
    status = "Reading…"
    inputs = {  # noqa: RUF012 - never written to, copied per instance
        "document": ToolInput(description="the file to read", type=str, default=None, required=True),
        "pages": ToolInput(
            description="such as 3 or 3-5; empty for all", type=str, default="", required=False
        ),
        "part": ToolInput(
            description="which part of what is too long to be read at once, from 1",
            type=int,
            default=1,
            required=False,
        ),
    }

    async def __call__(
        self,
        tree_data: TreeData,
        inputs: dict[str, Any],
        base_lm: Model,
        complex_lm: Model,
        client_manager: ClientManager,
        **kwargs: Any,
    ) -> AsyncGenerator[PassageRetrieval, None]:
        """Yield the text as passages, as many as a prompt can tell; says how to read on."""
        documents = documents_of(tree_data)
        file = chosen_one(tree_data, inputs.get("document"))
        text, passages = await documents.text(file.id), await documents.passages(file.id)
        which = str(inputs.get("pages") or "").strip()
        if which:
            passages = _on_pages(passages, await documents.pages(file.id), which, file.name)
        if not passages:
            raise ToolError(f"There is no text in “{file.name}”.", file.note or "Read another file.")
        settings = tree_data.settings
        budget = budget_for(complex_lm.choice, settings.prompt_token_budget, settings.max_output_tokens)
        parts = in_parts(passages, budget // _SHARE)
        number = min(max(int(inputs.get("part") or 1), 1), len(parts))
        result = PassageRetrieval(
            parts[number - 1], file, text, {"pages": which, "part": number, "parts": len(parts)}
        )
        of = f"part {number} of {len(parts)}" if len(parts) > 1 else "all"
        more = f" Use part {number + 1} to read on." if number < len(parts) else ""
        place = f" of pages {which}" if which else ""
        result.llm_message = f"Read {of}{place} of “{{name}}”, in {{num_objects}} passages.{more}"
        yield result


def in_parts(passages: Sequence[Passage], tokens: int) -> list[list[Passage]]:
    """The passages in their order, in parts of at most so many tokens; one that is longer is a part alone."""
    parts: list[list[Passage]] = []
    left = 0
    for passage in passages:
        cost = estimate_tokens(passage.text)
        if not parts or cost > left or len(parts[-1]) >= _MOST_PASSAGES:
            parts.append([])
            left = tokens
        parts[-1].append(passage)
        left -= cost
    return parts


def _on_pages(
    passages: Sequence[Passage], pages: Sequence[PageStart], which: str, name: str
) -> list[Passage]:
    """The passages of which something stands on these pages; `ToolError` where there are none."""
    if not pages:
        raise ToolError(f"“{name}” has no pages.", "Leave them out, and use parts.")
    read = _PAGES.fullmatch(which)
    if read is None:
        raise ToolError(
            f"“{which}” are no pages.", "Write one page, such as 3, or the first and last, such as 3-5."
        )
    first, last = int(read[1]), int(read[2] or read[1])
    on = [each for each in passages if (each.page or 0) <= last and first <= last_page_of(each, pages)]
    if not on:
        raise ToolError(f"“{name}” has nothing on {which}: it has pages 1 to {pages[-1].page}.")
    return on
