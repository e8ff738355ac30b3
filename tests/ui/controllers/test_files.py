import asyncio
from itertools import count

import pytest
from PySide6.QtWidgets import QFileDialog, QPushButton
from support.profile_in_memory import answer, until

from elysia_desktop.ui.chat.prompt_edit import PromptEdit
from elysia_desktop.ui.controllers.chat import ChatController
from elysia_desktop.ui.controllers.files import FilesController


@pytest.fixture
def chat(window, workspace, tasks):
    numbers = count(1)
    chat = ChatController(window.page, window.inspector, workspace, tasks, lambda: f"q{next(numbers)}")
    chat.ready.set()
    return chat


@pytest.fixture
def files(window, chat, workspace, tasks):
    return FilesController(window, chat, workspace, tasks)


@pytest.fixture
def row(window):
    return window.page.composer.files


@pytest.fixture
def paths(tmp_path):
    made = [tmp_path / name for name in ("report.pdf", "notes.md", "setup.exe")]
    for path in made:
        path.touch()
    return made


def press(window, words):
    button = next(b for b in window.page.notice.findChildren(QPushButton) if b.text() == words)
    button.click()


async def given(window, row, paths):
    """Files were dropped, and are there."""
    before = len(row.files)
    window.page.files_given.emit(paths)
    await until(lambda: len(row.files) == before + len(paths) and not row.progress)


async def test_the_first_files_begin_a_conversation_named_after_them(files, chat, window, row, paths):
    await given(window, row, paths[:2])
    assert chat.current == "c1"
    assert window.page.header.title == "report.pdf"
    assert [file.name for file in row.files] == ["report.pdf", "notes.md"]
    assert window.page.notice is None


async def test_such_a_conversation_goes_by_its_first_question(files, chat, window, workspace, row, paths):
    await given(window, row, paths[:1])
    workspace.asking.replies = [[answer("Yes.")], [answer("No.")]]
    window.page.asked.emit("When was the bridge opened?", [])
    await until(lambda: not window.page.composer.running and workspace.asking.asked)
    assert workspace.asking.asked[0][0] == "c1"
    assert window.page.header.title == "When was the bridge opened"
    await until(lambda: workspace.conversations.kept["c1"].title == "When was the bridge opened")
    window.page.asked.emit("And closed?", [])
    await until(lambda: len(workspace.asking.asked) == 2 and not window.page.composer.running)
    assert window.page.header.title == "When was the bridge opened"


async def test_files_and_a_question_of_the_same_moment_share_a_conversation(
    files, chat, window, workspace, row, paths
):
    workspace.asking.replies = [[answer("Yes.")]]
    window.page.files_given.emit(paths[:1])
    window.page.asked.emit("When?", [])
    window.page.files_given.emit(paths[1:2])
    await until(lambda: not window.page.composer.running and len(row.files) == 2)
    assert list(workspace.conversations.kept) == ["c1"]
    assert workspace.asking.asked[0][0] == "c1"


async def test_a_question_waits_for_the_files_that_are_being_read(files, window, workspace, row, paths):
    workspace.files.gate = asyncio.Event()
    workspace.asking.replies = [[answer("Yes.")]]
    window.page.files_given.emit(paths[:1])
    window.page.asked.emit("When?", [])
    await until(lambda: workspace.files.read)
    for _ in range(20):
        await asyncio.sleep(0)
    assert workspace.asking.asked == []
    assert window.page.composer.running
    workspace.files.gate.set()
    await until(lambda: workspace.asking.asked and not window.page.composer.running)
    assert list(workspace.files.kept["c1"]) == ["d1"]


async def test_a_question_does_not_wait_for_files_of_another_conversation(
    files, chat, window, workspace, row, paths
):
    workspace.files.gate = asyncio.Event()
    workspace.asking.replies = [[answer("Yes.")]]
    window.page.files_given.emit(paths[:1])
    await until(lambda: workspace.files.read)
    chat.begin()
    window.page.asked.emit("When?", [])
    await until(lambda: workspace.asking.asked and not window.page.composer.running)
    workspace.files.gate.set()
    await until(lambda: not files._reading)


async def test_refused_files_are_told_in_one_notice_and_the_rest_goes_in(files, window, row, paths, tmp_path):
    window.page.files_given.emit([*paths, tmp_path])
    await until(lambda: len(row.files) == 2)
    assert window.page.notice.text == "2 files were not attached."
    told = window.page.notice.accessibleDescription()
    assert "Folders cannot be attached." in told
    assert "setup.exe: No document." in told


async def test_a_folder_alone_begins_no_conversation(files, window, workspace, row, tmp_path):
    window.page.files_given.emit([tmp_path])
    await until(lambda: window.page.notice is not None and not row.progress)
    assert workspace.conversations.kept == {}
    assert row.isHidden()


async def test_files_that_are_all_refused_leave_no_conversation_behind(
    files, chat, window, workspace, row, paths
):
    window.page.composer.draft = "What is it"
    window.page.files_given.emit(paths[2:])
    await until(lambda: workspace.conversations.gone and chat.current == "")
    assert workspace.conversations.kept == {}
    assert window.page.header.title == "New conversation"
    assert window.page.notice.text == "1 file was not attached."
    assert window.page.composer.draft == "What is it"
    assert row.isHidden()


async def test_reading_that_is_stopped_leaves_no_conversation_behind(
    files, chat, workspace, row, window, paths
):
    workspace.files.gate = asyncio.Event()
    window.page.files_given.emit(paths[:1])
    await until(lambda: workspace.files.read)
    row.cancelled.emit()
    await until(lambda: workspace.conversations.gone and chat.current == "")


async def test_refused_files_leave_the_conversation_that_a_question_was_asked_in(
    files, chat, window, workspace, row, paths
):
    workspace.asking.replies = [[answer("Yes.")], [answer("No.")]]
    window.page.files_given.emit(paths[2:])
    window.page.asked.emit("When?", [])
    await until(lambda: workspace.asking.asked and not window.page.composer.running)
    window.page.files_given.emit(paths[2:])
    await until(lambda: workspace.files.read == 2 and not files._reading)
    assert list(workspace.conversations.kept) == ["c1"]
    assert chat.current == "c1"


async def test_refused_files_leave_the_conversation_that_others_are_read_for(
    files, chat, window, workspace, row, paths
):
    window.page.files_given.emit(paths[2:])
    window.page.files_given.emit(paths[:1])
    await until(lambda: row.files and not files._reading)
    assert list(workspace.conversations.kept) == ["c1"]


async def test_reading_shows_progress_and_can_be_stopped(files, window, workspace, row, paths, tasks):
    workspace.files.gate = asyncio.Event()
    window.page.files_given.emit(paths[:2])
    await until(lambda: row.progress == "Reading report.pdf · 1 of 2" and workspace.files.read)
    row.cancelled.emit()
    await until(lambda: not row.progress)
    assert row.files == []


async def test_reading_goes_on_while_another_conversation_is_open(
    files, chat, window, workspace, row, paths, tasks
):
    workspace.files.gate = asyncio.Event()
    window.page.files_given.emit(paths[:1])
    await until(lambda: workspace.files.read)
    chat.begin()
    assert row.isHidden()
    workspace.files.gate.set()
    await until(lambda: workspace.files.kept["c1"] and not files._reading)
    assert row.isHidden()
    chat.open("c1", "report.pdf")
    await until(lambda: row.files)
    assert [file.name for file in row.files] == ["report.pdf"]


async def test_a_file_is_taken_out_of_use_and_put_back(files, window, workspace, row, paths):
    await given(window, row, paths[:1])
    row.used.emit("d1", False)
    await until(lambda: not row.files[0].in_use)
    assert not workspace.files.kept["c1"]["d1"].in_use
    row.used.emit("d1", True)
    await until(lambda: row.files[0].in_use)


async def test_a_removed_file_can_be_put_back(files, window, workspace, row, paths):
    await given(window, row, paths[:2])
    row.removed.emit("d1")
    assert [file.id for file in row.files] == ["d2"]
    await until(lambda: not workspace.files.kept["c1"]["d1"].in_use)
    press(window, "Put it back")
    await until(lambda: len(row.files) == 2)
    assert workspace.files.kept["c1"]["d1"].in_use
    assert window.page.notice is None


async def test_a_removed_file_is_gone_when_its_notice_is(files, window, workspace, row, paths):
    await given(window, row, paths[:2])
    row.removed.emit("d1")
    window.page.close_notice()
    await until(lambda: list(workspace.files.kept["c1"]) == ["d2"])


async def test_of_two_files_removed_one_after_the_other_the_second_can_be_put_back(
    files, window, workspace, row, paths
):
    await given(window, row, paths[:2])
    row.removed.emit("d1")
    row.removed.emit("d2")
    await until(lambda: list(workspace.files.kept["c1"]) == ["d2"])
    assert row.files == []
    press(window, "Put it back")
    await until(lambda: [file.id for file in row.files] == ["d2"])
    assert row.files[0].in_use


async def test_closing_the_window_while_files_are_read_begins_nothing_new(
    files, window, workspace, row, paths, tasks
):
    workspace.files.gate = asyncio.Event()
    window.page.files_given.emit(paths[:1])
    await until(lambda: workspace.files.read)
    window.hide()
    await tasks.close()
    await files.close()
    assert not tasks.is_running("list files")


async def test_a_removed_file_is_gone_when_the_window_closes(files, window, workspace, row, paths, tasks):
    await given(window, row, paths[:1])
    row.removed.emit("d1")
    await tasks.close()
    await files.close()
    assert workspace.files.kept["c1"] == {}


async def test_a_long_pasted_text_is_offered_as_a_file(files, window, workspace, row):
    edit = window.page.findChild(PromptEdit)
    edit.long_text_given.emit("word " * 2000)
    assert "10000" in window.page.notice.text.replace(",", "")
    press(window, "Attach as a file")
    await until(lambda: row.files)
    assert workspace.files.texts == ["word " * 2000]
    assert row.files[0].name == "Pasted text"
    assert window.page.composer.draft == ""


async def test_a_long_pasted_text_can_stay_text(files, window):
    window.page.long_text_given.emit("word " * 2000)
    press(window, "Paste as text")
    assert window.page.composer.draft == "word " * 2000
    assert window.page.notice is None


async def test_the_command_lets_files_be_chosen(files, window, row, paths):
    window.actions_.attach.trigger()
    dialog = window.findChild(QFileDialog)
    assert dialog.fileMode() == QFileDialog.FileMode.ExistingFiles
    assert "*.pdf" in dialog.nameFilters()[0]
    dialog.filesSelected.emit([str(paths[0])])
    dialog.close()
    await until(lambda: row.files)
    assert row.files[0].name == "report.pdf"
