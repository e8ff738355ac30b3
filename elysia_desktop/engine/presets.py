"""The trees that come with the application."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from elysia_desktop.engine.nodes import Structure

# The tools are imported by the presets that use them: importing a tree takes half as long.

_BASE_INSTRUCTION = (
    "Numbers (how many, average, total, per …) come from aggregate; objects and texts, also the cheapest, newest or "
    "first few of them, from query. "
    "Once the answer is among what was found, draw it with visualise if a chart is asked for, then write it with "
    "cited_summarize."
)


def one_branch() -> Structure:
    """One decision among all tools."""
    from elysia_desktop.engine.tools import (
        Aggregate,
        CitedSummarize,
        Query,
        SummariseItems,
        TextResponse,
        Visualise,
    )

    structure = Structure()
    structure.add_branch("base", _BASE_INSTRUCTION, root=True)
    # The most needed come first: what stands first is what a small model in doubt takes.
    for tool in (Query(), Aggregate(), CitedSummarize(), Visualise(), TextResponse()):
        structure.add_tool(tool, "base")
    structure.add_tool(SummariseItems(), "base", ["query"])
    _add_documents(structure)
    return structure


def multi_branch() -> Structure:
    """First whether to search, then how."""
    from elysia_desktop.engine.tools import (
        Aggregate,
        CitedSummarize,
        Query,
        SummariseItems,
        TextResponse,
        Visualise,
    )

    structure = Structure()
    structure.add_branch("base", _BASE_INSTRUCTION, root=True)
    structure.add_branch(
        "search",
        "Choose how to get what is needed from the collections.",
        description="Search the collections, or compute over them.",
        from_branch_id="base",
        status="Searching…",
    )
    structure.add_tool(Query(), "search")
    structure.add_tool(Aggregate(), "search")
    structure.add_tool(SummariseItems(), "search", ["query"])
    for tool in (CitedSummarize(), Visualise(), TextResponse()):
        structure.add_tool(tool, "base")
    _add_documents(structure)
    return structure


def empty() -> Structure:
    """A root without options, for trees of one's own."""
    structure = Structure()
    structure.add_branch("base", "Choose the option that brings the answer nearer.", root=True)
    return structure


def _add_documents(structure: Structure) -> None:
    """The branch for the conversation's files, which is there only while it has some."""
    from elysia_desktop.engine.tools import ReadDocument, SearchDocuments, SummarizeDocument

    structure.add_branch(
        "documents",
        "Choose how to get what is needed from the files that the person dropped into the conversation.",
        description="Search, read or summarise the files that the person dropped into the conversation.",
        from_branch_id="base",
        status="Looking into the files…",
        needs_files=True,
    )
    for tool in (SearchDocuments(), ReadDocument(), SummarizeDocument()):
        structure.add_tool(tool, "documents")


INITIALISATIONS: dict[str, Callable[[], Structure]] = {
    "default": one_branch,
    "one_branch": one_branch,
    "multi_branch": multi_branch,
    "empty": empty,
}


def view(initialisation: str, *, with_files: bool = True) -> dict[str, Any]:
    """A preset's structure as nested plain data, with or without the branches that are for files."""
    root = INITIALISATIONS[initialisation]().root
    return root.view(with_files=with_files) if root is not None else {}
