import pytest

from elysia_desktop.stores.embedders.task_words import TaskWords, task_words


@pytest.mark.parametrize(
    "model", ["nomic-embed-text", "nomic-embed-text:v1.5", "nomic-ai/Nomic-Embed-Text-v2"]
)
def test_a_model_is_known_by_the_beginning_of_its_name(model):
    assert task_words(model) == TaskWords("search_document: ", "search_query: ")


def test_a_model_that_is_not_known_gets_none():
    assert task_words("text-embedding-3-small") == TaskWords("", "")
