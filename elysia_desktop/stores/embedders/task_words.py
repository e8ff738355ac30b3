"""The words that some models want before a text, so that questions come to lie near their answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TaskWords:
    """What stands before a document and before a query."""

    document: str = ""
    query: str = ""


_FOR_PASSAGES = TaskWords(query="Represent this sentence for searching relevant passages: ")

# By the beginning of the model's name; each is told on the model's own page.
_BY_MODEL = {
    "nomic-embed-text": TaskWords("search_document: ", "search_query: "),
    "mxbai-embed-large": _FOR_PASSAGES,
    "snowflake-arctic-embed": _FOR_PASSAGES,
    "embeddinggemma": TaskWords("title: none | text: ", "task: search result | query: "),
    "e5-": TaskWords("passage: ", "query: "),
    "multilingual-e5-": TaskWords("passage: ", "query: "),
}


def task_words(model: str) -> TaskWords:
    """The words for a model; none for those that are not known to want any."""
    name = model.lower().rsplit("/", 1)[-1]
    return next((words for start, words in _BY_MODEL.items() if name.startswith(start)), TaskWords())
