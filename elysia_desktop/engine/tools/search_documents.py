"""The tool that searches the files of the conversation."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.objects import Retrieval
from elysia_desktop.core.sources import PASSAGES
from elysia_desktop.engine.documents import DocumentTool, PassageRetrieval, chosen, documents_of
from elysia_desktop.engine.tool import ToolInput

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.files import Passage
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model

_FOUND = 8
"""Passages that one search finds, of all files together."""


class SearchDocuments(DocumentTool):
    """Find the passages of the conversation's files that are about something."""

    name = PASSAGES
    description = (
        "Find the passages of the files that are about something: what they say on it, where it stands. For a "
        "question that a part of a file answers."
    )
    status = "Searching the files…"
    inputs = {  # noqa: RUF012 - never written to, copied per instance
        "text": ToolInput(
            description="what to look for, in words that would stand there",
            type=str,
            default=None,
            required=True,
        ),
        "documents": ToolInput(
            description="the files to look in; [] for all", type=list[str], default=[], required=False
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
    ) -> AsyncGenerator[Retrieval, None]:
        """Yield what was found, a result per file, that of the best passage first."""
        documents = documents_of(tree_data)
        named: list[Any] = inputs.get("documents") or []
        files = chosen(tree_data, named)
        text = str(inputs.get("text") or "").strip() or tree_data.user_prompt
        asked = {"query_text": text, "query_type": "none"}
        found: dict[str, list[Passage]] = {}
        for hit in await documents.search(text, _FOUND, [file.id for file in files] if named else ()):
            found.setdefault(hit.passage.document_id, []).append(hit.passage)
        by_id = {file.id: file for file in files}
        for document_id, passages in found.items():
            if document_id in by_id:  # it may have been taken out of use meanwhile
                whole = await documents.text(document_id)
                yield PassageRetrieval(passages, by_id[document_id], whole, asked)
        if not found.keys() & by_id.keys():
            name = files[0].name if len(files) == 1 else "the files"
            yield Retrieval([], {**asked, "display_type": "document"}, "document", name=name)
