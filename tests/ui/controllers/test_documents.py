from itertools import count

import pytest
from support.profile_in_memory import said, until
from ui.files.files import TEXT, a_source

from elysia_desktop.core.conversation import Turn
from elysia_desktop.core.environment import Environment
from elysia_desktop.ui.controllers.chat import ChatController
from elysia_desktop.ui.controllers.documents import DocumentsController


def passage(words, document_id="d1"):
    start = TEXT.index(words)
    return {
        "title": f"{document_id}.pdf",
        "content": words,
        "document_id": document_id,
        "page": 2 if start else 1,
        "start": start,
        "end": start + len(words),
    }


@pytest.fixture
def environment(workspace):
    environment = Environment(self_info=False)
    passages = [
        passage("The bridge was opened in 1954."),
        passage("It was closed in 1961."),
        passage("It", "d2"),
    ]
    environment.add_objects("search_documents", "d1.pdf", passages)
    environment.add_objects("query", "Products", [{"name": "A tent"}])

    async def of(_conversation_id):
        return environment

    workspace.asking.environment = of
    return environment


REFS = [f"search_documents_d1.pdf_1_{number}" for number in range(3)]


@pytest.fixture
async def documents(window, workspace, tasks, environment):
    numbers = count(1)
    chat = ChatController(window.page, window.inspector, workspace, tasks, lambda: f"q{next(numbers)}")
    documents = DocumentsController(window, chat, workspace, tasks)
    await workspace.conversations.create("Bridges")
    workspace.files.kept["c1"]["d1"] = a_source("d1")
    text = {
        "type": "text_with_citations",
        "metadata": {},
        "objects": [
            {"text": "It opened in 1954.", "ref_ids": [REFS[0], "query_Products_1_0"]},
            {"text": "It closed in 1961.", "ref_ids": [REFS[1]]},
        ],
    }
    at = a_source("d1").added_at
    earlier = Turn("q1", "When?", at, [said("text", text, "m1"), said("completed", {})], 1.0)
    later = Turn("q2", "Thanks", at, [said("completed", {}, "2")], 1.0)
    workspace.conversations.turns_of["c1"] = [earlier, later]
    chat.open("c1", "Bridges")
    await until(lambda: window.page.timeline.turns and not tasks.is_running("open"))
    return documents


async def test_a_citation_of_an_earlier_turn_opens_its_passage(documents, window):
    page = window.inspector.document
    window.inspector_dock.hide()
    window.page.citation_selected.emit("q1", REFS[1])
    await until(lambda: page.file is not None and page.places.passage)
    assert window.inspector_dock.isVisible()
    assert window.inspector.current_tab == "document"
    assert page.file.text == TEXT
    assert page.places.passage == "Passage 2 of 2"
    cursor = page.view.textCursor()
    assert page.view.source.offset(cursor.position()) == TEXT.index("It")


async def test_the_passages_of_the_answer_are_stepped_through(documents, window):
    page = window.inspector.document
    window.page.citation_selected.emit("q1", REFS[0])
    await until(lambda: page.places.passage == "Passage 1 of 2")
    page.passage_wanted.emit(1)
    await until(lambda: page.places.passage == "Passage 2 of 2")
    page.passage_wanted.emit(7)
    assert page.places.passage == "Passage 2 of 2"


async def test_a_citation_of_an_object_opens_no_document(documents, window, tasks):
    window.page.citation_selected.emit("q1", "query_Products_1_0")
    await until(lambda: not tasks.is_running("document"))
    assert window.inspector.current_tab == "run"
    assert window.inspector.document.file is None


async def test_a_citation_of_a_removed_file_says_so(documents, window):
    page = window.inspector.document
    window.page.citation_selected.emit("q1", REFS[2])
    await until(lambda: "removed" in page.words)
    assert page.words.startswith("“d2.pdf” was removed from this conversation.")
    assert page.words.endswith("It")


async def test_a_citation_of_a_file_removed_while_it_is_on_view_says_so(documents, window, workspace):
    page = window.inspector.document
    window.page.citation_selected.emit("q1", REFS[0])
    await until(lambda: page.places.passage == "Passage 1 of 2")
    await workspace.files.remove("c1", "d1")
    window.page.citation_selected.emit("q1", REFS[1])
    await until(lambda: "removed" in page.words)
    assert page.file is None


async def test_a_file_beside_the_question_is_opened_from_its_beginning(documents, window):
    window.page.composer.files.show_files([a_source("d1")])
    window.page.composer.files.opened.emit("d1")
    page = window.inspector.document
    await until(lambda: page.file is not None)
    assert page.header.name == "d1.pdf"
    assert page.places.passage == ""


async def test_a_file_that_is_removed_is_closed(documents, window):
    page = window.inspector.document
    window.page.citation_selected.emit("q1", REFS[0])
    await until(lambda: page.file is not None)
    window.page.composer.files.removed.emit("d2")
    assert page.file is not None
    window.page.composer.files.removed.emit("d1")
    assert page.file is None


async def test_the_files_of_a_conversation_are_not_shown_in_another(documents, window):
    page = window.inspector.document
    window.page.citation_selected.emit("q1", REFS[0])
    await until(lambda: page.file is not None)
    documents._chat.begin()
    assert page.file is None


async def test_an_original_that_is_gone_is_said_to_be(documents, window):
    window.inspector.document.original_wanted.emit("d1")
    await until(lambda: window.page.notice is not None)
    assert window.page.notice.text == "The original of “d1.pdf” is not there any more."


async def test_citations_are_called_by_file_and_page(documents, window, qtbot):
    qtbot.waitUntil(lambda: window.page.timeline.view_of("q1") is not None)
    answer = window.page.timeline.view_of("q1")._answers["m1"]
    assert answer.accessibleDescription().startswith("Citations: 1: d1.pdf, page 1; 2: ")
    assert answer.accessibleDescription().endswith("3: d1.pdf, page 2")
    form = answer.document().find("3").charFormat()
    assert "d1.pdf, page 2" in form.toolTip()
