import asyncio
from itertools import count

import pytest
from engine.asking import decision
from engine.kept import GUIDES, guide, kept_in
from PySide6.QtWidgets import QPushButton
from support.profile_in_memory import answer, said, until
from support.scripted_model import Json, ScriptedModel

from elysia_desktop.services.workspace import Workspace
from elysia_desktop.ui.chat.remarks import WarningLine
from elysia_desktop.ui.controllers.chat import ChatController
from elysia_desktop.ui.controllers.consent import ConsentController

SETTING = "allow_chunk_collections"
TEXT = "The documents of “Guides” are long."
QUESTION = said("consent_asked", {"setting": SETTING, "text": TEXT})
PLACE = "Settings → Data connection → Chunk collections"


@pytest.fixture
async def profile(tmp_path, monkeypatch):
    """A profile on disk, which keeps the settings."""
    monkeypatch.delenv(SETTING.upper(), raising=False)
    profile = Workspace(tmp_path / "profile")
    await profile.open_settings()
    yield profile
    await profile.close()


def chat_over(workspace, window, tasks):
    numbers = count(1)
    chat = ChatController(window.page, window.inspector, workspace, tasks, lambda: f"q{next(numbers)}")
    chat.ready.set()
    return chat


@pytest.fixture
async def chat(window, workspace, profile, tasks):
    """Asks of a run that is scripted, and saves what is answered in the profile."""
    chat = chat_over(workspace, window, tasks)
    chat.consent = ConsentController(window.page, chat, profile, tasks)
    yield chat
    await tasks.close()


async def ask(window, workspace, *replies):
    workspace.asking.replies = [[*replies, answer("Two.")]]
    window.page.asked.emit("What of tents?", [])
    await until(lambda: workspace.asking.asked and not window.page.composer.running)


def press(window, words):
    next(one for one in window.page.notice.findChildren(QPushButton) if one.text() == words).click()


async def decided(tasks):
    await until(lambda: not tasks.is_running(f"decide {SETTING}"))


async def saved(profile):
    """What is kept on disk, as the next start reads it."""
    again = Workspace(profile.folders.data)
    return (await again.configuration.load()).allow_chunk_collections


def remarks(window, query_id):
    return len(window.page.timeline.view_of(query_id).findChildren(WarningLine))


@pytest.mark.parametrize(
    ("words", "allowed", "told"),
    [("Allow", True, "Allowed, from the next question on."), ("Do not allow", False, "Not allowed.")],
)
async def test_what_is_pressed_is_saved_and_in_force(
    chat, window, workspace, profile, tasks, words, allowed, told
):
    await ask(window, workspace, QUESTION)
    assert window.page.notice.text == TEXT
    press(window, words)
    await decided(tasks)
    assert await saved(profile) is allowed
    assert profile.clients.settings.allow_chunk_collections is allowed
    assert window.page.notice.text == told
    assert PLACE in window.page.notice.accessibleDescription()
    assert window.page.notice.findChildren(QPushButton) == []


async def test_closing_the_question_leaves_it_open(chat, window, workspace, profile):
    await ask(window, workspace, QUESTION)
    window.page.notice.closed.emit()
    assert window.page.notice is None
    assert await saved(profile) is None


async def test_the_next_one_can_be_typed_once_a_button_was_pressed(chat, window, workspace, tasks):
    await ask(window, workspace, QUESTION)
    window.page.notice.findChild(QPushButton).setFocus()
    press(window, "Allow")
    assert window.focusWidget() is window.page.composer._edit  # the button is gone
    await decided(tasks)


async def test_it_does_not_ask_over_another_conversation(chat, window, workspace, tasks):
    gate = asyncio.Event()
    workspace.asking.replies = [[gate, QUESTION, answer("Two.")]]
    window.page.asked.emit("What of tents?", [])
    await until(lambda: workspace.asking.asked)
    chat.begin()
    gate.set()
    await until(lambda: not tasks.is_running("ask:q1"))
    assert window.page.notice is None


async def test_it_asks_no_longer_when_another_conversation_is_opened(chat, window, workspace, tasks):
    await ask(window, workspace, QUESTION)
    chat.begin()
    assert window.page.notice is None
    window.page.show_notice("info", "Something else.")
    chat.open("c1", "What of tents?")
    await until(lambda: not tasks.is_running("open"))
    assert window.page.notice.text == "Something else."


async def test_it_asks_no_longer_once_the_settings_say_so(chat, window, workspace, profile):
    await ask(window, workspace, QUESTION)
    await profile.configuration.save({"style": "Terse."})
    chat.consent.take_settings()
    assert window.page.notice.text == TEXT
    await profile.configuration.save({SETTING: False})
    chat.consent.take_settings()
    assert window.page.notice is None


async def test_the_words_of_another_notice_decide_nothing(chat, window, workspace, profile, tasks):
    await ask(window, workspace, QUESTION)
    window.page.show_notice("info", "May it?", "", "Allow", "Do not allow")
    press(window, "Allow")
    await decided(tasks)
    assert window.page.notice.text == "May it?"
    assert await saved(profile) is None


class Elsewhere:
    """A store that is not the application's own."""

    def __init__(self, library):
        self._library = library

    def __getattr__(self, name):
        return getattr(self._library, name)


def search():
    wanted = {"collection": "Guides", "display": "document", "search_words": "tents", "limit": 1}
    usual = {"filters": [], "match": "all", "sort_by": None, "order": "lowest first", "summarise_each": False}
    return [
        decision("query", collection_names=["Guides"]),
        Json({"requests": [{**wanted, **usual}]}),
        decision("text_response", end=True, text="Two."),
    ]


async def keep_guides(library):
    await kept_in(library, Guides=(GUIDES, [guide(n, at=40 + n) for n in range(4)]))
    fields = [{"name": name, "type": "text", "mean": 900.0 if name == "content" else 4.0} for name in GUIDES]
    mappings = {"table": {}, "document": {"title": "title", "content": "content"}}
    known = {"name": "Guides", "length": 4.0, "fields": fields, "mappings": mappings}
    await library.put_metadata("Guides", known)


async def test_a_search_of_long_documents_asks_and_the_next_one_finds_their_parts(window, profile, tasks):
    library = profile.clients.library()
    await keep_guides(library)
    profile.clients.store = lambda: Elsewhere(library)
    chat = chat_over(profile, window, tasks)
    chat.consent = ConsentController(window.page, chat, profile, tasks)

    async def found(query_id, question):
        chat.ask(question, ["Guides"])
        await until(lambda: not window.page.composer.running)
        turn = next(turn for turn in window.page.timeline.turns if turn.query_id == query_id)
        (result,) = [p["payload"] for p in turn.payloads if p["type"] == "result"]
        return result["metadata"]["chunked"]

    with ScriptedModel([*search(), *search()]) as model:
        served = {"base_provider": "llama_cpp", "base_model": "scripted", "base_api_base": model.address}
        choice = {**served, "queries_as_sql": False}
        await profile.configuration.save(choice)
        await profile.apply_settings()
        assert await found("q1", "What of tents?") is False
        assert window.page.notice.text.startswith("The documents of “Guides” are long. To find the passages")
        assert remarks(window, "q1") == 1
        press(window, "Allow")
        await decided(tasks)
        assert await found("q2", "What of tents now?") is True
        assert remarks(window, "q2") == 0
    await tasks.close()
