"""What is done with a question when there is no model: a search for its words."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.objects import Response, Result
from elysia_desktop.core.payloads import Error, Return, Status, StepFinished
from elysia_desktop.core.requests import QueryRequest
from elysia_desktop.core.sources import PASSAGES
from elysia_desktop.engine.retrieving import retrieval

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model
    from elysia_desktop.stores.base import Store

LIMIT = 8
COLLECTIONS = 3
NEAR_ENOUGH = 0.5
"""A collection is shown when its best object has at least this share of the best score of all."""

_COMMON_WORDS = frozenset(
    [
        "a",
        "about",
        "all",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "for",
        "from",
        "give",
        "had",
        "has",
        "have",
        "how",
        "i",
        "in",
        "is",
        "it",
        "list",
        "many",
        "me",
        "most",
        "much",
        "my",
        "of",
        "on",
        "or",
        "our",
        "show",
        "some",
        "tell",
        "than",
        "that",
        "the",
        "their",
        "them",
        "there",
        "these",
        "they",
        "this",
        "to",
        "us",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)
HOW_TO_GET_ONE = (
    "Answers in words need a language model: choose one in Settings → Models, "
    "such as Ollama on this computer or a provider with a key."
)


async def search_words(tree_data: TreeData, client_manager: ClientManager) -> AsyncGenerator[Return, None]:
    """Show what is nearest to the question's words, and say how to get more.

    Of a conversation with files their passages are shown, and objects only where no file holds the words; of
    collections the best come first.
    """
    yield Status("Searching…")
    words = searched_words(tree_data.user_prompt)
    started = perf_counter()
    passages = await _passages(tree_data, words, client_manager)
    if passages:
        for result in passages:
            yield _kept(tree_data, result, PASSAGES)
        found = sum(map(len, passages))
        yield StepFinished("search", perf_counter() - started, f"{found} passages")
        yield _said(tree_data, "These passages of the files are nearest to the words of your question.")
        return
    store: Store = client_manager.store()
    results: list[Result] = []
    took = 0.0
    for name in tree_data.collection_names:
        try:
            result = await _closest(store, name, words, tree_data)
        except StoreError as error:
            yield Error(feedback=error.sentence)
            continue
        took += result.metadata["time"]
        if result.objects:
            results.append(result)
    shown = _nearest(results)
    for result in shown:
        yield _kept(tree_data, result)
    found = sum(len(result) for result in shown)
    yield StepFinished("search", took, f"{found} objects" if found else "nothing")
    yield _said(tree_data, _summary(found, tree_data.collection_names))


async def _passages(tree_data: TreeData, words: str, client_manager: ClientManager) -> list[Result]:
    """The nearest passages, a result per file; none where there are no files, or none holds the words."""
    from elysia_desktop.engine.tools.search_documents import SearchDocuments

    if tree_data.documents is None or not tree_data.documents.listed():
        return []
    search, model = SearchDocuments(), cast("Model", None)  # which it does not ask
    found = search(tree_data, {"text": words}, model, model, client_manager)
    return [result async for result in found if result.objects]


def _said(tree_data: TreeData, summary: str) -> Response:
    answer = Response(f"{summary} {HOW_TO_GET_ONE}")
    tree_data.update_history("assistant", answer.text)
    return answer


def searched_words(question: str) -> str:
    """The question without the words that stand in nearly every text; all of them when nothing else is left."""
    words = [word for word in question.split() if word.strip("?!.,;:").lower() not in _COMMON_WORDS]
    return " ".join(words) or question


def _nearest(results: Sequence[Result]) -> list[Result]:
    """The few results whose best object is about as near as the nearest of all, nearest first."""
    ranked = sorted(results, key=_best_score, reverse=True)[:COLLECTIONS]
    return [result for result in ranked if _best_score(result) >= NEAR_ENOUGH * _best_score(ranked[0])]


def _best_score(result: Result) -> float:
    return float(result.objects[0].get("_score") or 0)


async def _closest(store: Store, name: str, words: str, tree_data: TreeData) -> Result:
    request = QueryRequest(collection=name, search="keyword", text=words, limit=LIMIT)
    page = await store.query(request)
    known: dict[str, Any] = tree_data.output_collection_metadata([name], with_mappings=True).get(name, {})
    return retrieval(request, page.objects, page.total, page.took_ms, "table", known)


def _kept(tree_data: TreeData, result: Result, tool: str = "search") -> Result:
    stored = tree_data.environment.add(tool, result)
    result.objects = [
        {**item, "_REF_ID": kept["_REF_ID"]} for item, kept in zip(result.objects, stored, strict=True)
    ]
    return result


def _summary(found: int, names: Sequence[str]) -> str:
    if not names:
        return "There are no collections to search yet."
    where = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return (
        "These objects are nearest to the words of your question."
        if found
        else f"Nothing in {where} holds the words of your question."
    )
