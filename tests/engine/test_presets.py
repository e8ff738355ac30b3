import pytest

from elysia_desktop.engine.presets import INITIALISATIONS, view

DOCUMENTS = ["search_documents", "read_document", "summarize_document"]


def options(of):
    return {name: list(node["options"]) for name, node in of["options"].items()}


def test_one_branch_offers_the_most_needed_first():
    assert options(view("default")) == {
        "query": ["query_postprocessing"],
        "aggregate": [],
        "cited_summarize": [],
        "visualise": [],
        "text_response": [],
        "documents": DOCUMENTS,
    }
    assert list(options(view("default"))) == [
        "query", "aggregate", "cited_summarize", "visualise", "text_response", "documents"
    ]  # fmt: skip


def test_multi_branch_chooses_first_whether_to_search():
    root = view("multi_branch")
    assert options(root) == {
        "search": ["query", "aggregate"],
        "cited_summarize": [],
        "visualise": [],
        "text_response": [],
        "documents": DOCUMENTS,
    }
    assert options(root["options"]["search"]) == {"query": ["query_postprocessing"], "aggregate": []}


@pytest.mark.parametrize("name", INITIALISATIONS)
def test_each_tree_has_nodes_of_its_own(name):
    first, second = INITIALISATIONS[name](), INITIALISATIONS[name]()
    assert not {id(node) for node in first.root.walk()} & {id(node) for node in second.root.walk()}
