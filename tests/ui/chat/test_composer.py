import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton

from elysia_desktop.ui.chat.attach_button import AttachButton
from elysia_desktop.ui.chat.composer import Composer
from elysia_desktop.ui.chat.prompt_edit import PromptEdit


@pytest.fixture
def composer(qtbot):
    composer = Composer()
    qtbot.addWidget(composer)
    composer.resize(700, 120)
    composer.show()
    composer.set_collections([("Products", 500), ("Tickets", 1200)])
    return composer


@pytest.fixture
def edit(composer):
    return composer.findChild(PromptEdit)


@pytest.fixture
def button(composer):
    return composer.findChild(QPushButton)


def test_enter_sends_the_question_with_the_chosen_collections(composer, edit, qtbot):
    composer.choose_collections(["Tickets"])
    qtbot.keyClicks(edit, "  Which are open?  ")
    with qtbot.waitSignal(composer.asked) as asked:
        qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert asked.args == ["Which are open?", ["Tickets"]]
    assert composer.draft == ""


def test_an_empty_question_is_not_sent_and_says_so(composer, edit, qtbot):
    qtbot.keyClicks(edit, "   ")
    with qtbot.assertNotEmitted(composer.asked):
        qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert composer.hint == "Type a question first."
    qtbot.keyClicks(edit, "a")
    assert composer.hint == ""


def test_the_button_sends_and_then_stops(composer, edit, button, qtbot):
    qtbot.keyClicks(edit, "Which?")
    with qtbot.waitSignal(composer.asked):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    composer.set_running(True)
    assert button.text() == "Stop"
    with qtbot.waitSignal(composer.stopped):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_escape_stops_only_what_runs(composer, edit, qtbot):
    with qtbot.assertNotEmitted(composer.stopped):
        qtbot.keyClick(edit, Qt.Key.Key_Escape)
    composer.set_running(True)
    with qtbot.waitSignal(composer.stopped):
        qtbot.keyClick(edit, Qt.Key.Key_Escape)


def test_a_question_typed_during_a_run_is_kept(composer, edit, qtbot):
    composer.set_running(True)
    qtbot.keyClicks(edit, "Next")
    with qtbot.assertNotEmitted(composer.asked):
        qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert composer.draft == "Next"
    assert "Esc" in composer.hint


def test_every_change_of_the_draft_is_told(composer, edit, qtbot):
    with qtbot.waitSignal(composer.draft_changed) as changed:
        qtbot.keyClicks(edit, "W")
    assert changed.args == ["W"]
    composer.draft = "Which?"
    assert edit.toPlainText() == "Which?"


def test_no_choice_means_all_collections(composer):
    assert composer.collections == []


def test_everything_has_a_name_for_screen_readers(composer, edit, button):
    assert edit.accessibleName()
    assert button.accessibleName()


def test_the_button_for_files_does_what_the_command_does_and_gives_way_to_others(composer, qtbot):
    command = QAction("&Attach files…", composer)
    command.setShortcut("Ctrl+Shift+O")
    composer.set_attach_action(command)
    attach = composer.findChild(AttachButton)
    assert "Ctrl+Shift+O" in attach.toolTip()
    with qtbot.waitSignal(command.triggered):
        qtbot.keyClick(attach, Qt.Key.Key_Space)
    wide = attach.width()
    composer.resize(400, 120)
    qtbot.waitUntil(lambda: attach.width() < wide)
    assert attach.accessibleName() == "Attach files…"
