from itertools import count

import pytest
from support.profile_in_memory import answer, until

from elysia_desktop.ui.controllers.chat import ChatController
from elysia_desktop.ui.controllers.conversations import ConversationsController


@pytest.fixture
def chat(window, workspace, tasks):
    numbers = count(1)
    controller = ChatController(window.page, window.inspector, workspace, tasks, lambda: f"q{next(numbers)}")
    controller.ready.set()
    return controller


@pytest.fixture
def controller(window, workspace, tasks, chat):
    return ConversationsController(window, window.conversations, chat, workspace, tasks)


def titles(window):
    model = window.conversations.model
    rows = [model.summary(model.index(row, 0)) for row in range(model.rowCount())]
    return [row.title for row in rows if row is not None]


async def test_a_new_conversation_is_listed_and_marked(controller, chat, window, workspace):
    workspace.asking.replies = [[answer("Yes.")]]
    window.page.asked.emit("Are there tents?", [])
    await until(lambda: titles(window) == ["Are there tents"])
    assert window.conversations.model.current == "c1"


async def test_the_last_conversation_is_opened_again(controller, chat, window, workspace, tasks):
    await workspace.conversations.create("Tents")
    await controller.open_last("c1")
    await until(lambda: chat.current == "c1")
    assert window.page.header.title == "Tents"
    await until(lambda: not tasks.is_running("open"))


async def test_when_the_last_conversation_is_gone_a_new_one_begins(controller, chat, window, tasks):
    await controller.open_last("gone")
    assert chat.current == ""
    assert window.page.header.title == "New conversation"
    await until(lambda: not tasks.is_running("open"))


async def test_a_deleted_conversation_comes_back_with_undo(controller, window, workspace):
    await workspace.conversations.create("Tents")
    controller.refresh()
    await until(lambda: titles(window) == ["Tents"])
    window.conversations.deleted.emit("c1")
    await until(lambda: not titles(window))
    assert window.page.notice.text == "The conversation was deleted."
    window.page.notice_acted.emit("Undo")
    await until(lambda: titles(window) == ["Tents"])
    assert window.page.notice is None


async def test_renaming_the_open_conversation_renames_its_header(controller, chat, window, workspace, tasks):
    await workspace.conversations.create("Tents")
    await controller.open_last("c1")
    window.conversations.renamed.emit("c1", "Tents and tarps")
    await until(lambda: titles(window) == ["Tents and tarps"])
    assert window.page.header.title == "Tents and tarps"
    await until(lambda: not tasks.is_running("open"))


async def test_searching_lists_what_matches(controller, window, workspace):
    await workspace.conversations.create("Tents")
    await workspace.conversations.create("Boots")
    window.conversations.searched.emit("Boot")
    await until(lambda: titles(window) == ["Boots"])
    window.conversations.searched.emit("")
    await until(lambda: len(titles(window)) == 2)
