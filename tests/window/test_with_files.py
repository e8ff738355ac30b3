import shutil

import pytest
from support.reader_agent import QUESTION, reader
from support.scripted_model import ScriptedModel
from window.app_driver import ROOT

pytestmark = pytest.mark.window

STORY = ROOT / "tests" / "files" / "pdf" / "chromium.pdf"
CITED = "The engineer, Dr. Agnes Weiß"


@pytest.fixture
def story(tmp_path):
    return shutil.copy(STORY, tmp_path / "harbour.pdf")


def test_a_dropped_file_is_asked_about_and_its_citation_opens_also_after_a_restart(open_app, scripted, story):
    with ScriptedModel(reader) as model:
        with open_app(**scripted(model)) as app:
            app.wait_for_data()
            app.drop([str(story)])
            state = app.wait_for_files("harbour.pdf")
            assert state["file_chips"] == ["harbour.pdf · 2 pages"]
            assert state["title"] == "harbour.pdf"
            app.ask(QUESTION)
            state = app.wait_for_answer()
            turn = state["turns"][0]
            assert turn["steps"] == [["search_documents", turn["steps"][0][1], "done"]]
            assert "nine winters" in turn["answer"]
            assert "[source" not in turn["answer"]
            assert turn["citations"] == ["1"]
            assert state["title"].startswith("Who lived below the arch")
            assert state["inspector"]["calls"][0] == "search_documents"
            app.cite(0)
            check_document(app)
        with open_app(**scripted(model)) as app:
            app.wait("the conversation", lambda s: s["turns"] and s["turns"][0].get("citations"))
            app.wait_for_files("harbour.pdf")
            app.cite(0)
            check_document(app)
            app.ask(QUESTION)
            app.wait_for_answer(2)


def check_document(app):
    def is_shown(state):
        shown = state["inspector"]["document"]
        return state["inspector"]["tab"] == "document" and shown["passage"] and shown["is_in_sight"]

    shown = app.wait("the cited passage", is_shown)["inspector"]["document"]
    assert shown["name"] == "harbour.pdf"
    assert CITED in " ".join(shown["text"].split())


def test_a_damaged_file_is_refused_in_words_and_the_others_go_in(open_app, story, tmp_path):
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4 and nothing else")
    with open_app() as app:
        app.wait_for_data()
        app.drop([str(broken), str(story), str(tmp_path)])
        state = app.wait_for_files("harbour.pdf")
        state = app.wait("the notice", lambda s: "2 files were not attached." in s["notice"])
        assert "broken.pdf" in state["notice"]
        assert "Folders cannot be attached." in state["notice"]
