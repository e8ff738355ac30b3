import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from ui.chat.runs import RememberingCard, a_run, a_turn, delta

from elysia_desktop.ui.chat.chat_page import ChatPage
from elysia_desktop.ui.chat.prompt_edit import PromptEdit


@pytest.fixture
def page(qtbot):
    page = ChatPage(make_card=RememberingCard)
    qtbot.addWidget(page)
    page.resize(800, 700)
    page.show()
    return page


def test_a_new_conversation_offers_questions_that_can_be_clicked(page, qtbot):
    page.set_turns([])
    assert page.welcome.isVisible()
    pill = page.welcome.findChild(QPushButton)
    with qtbot.waitSignal(page.asked) as asked:
        qtbot.mouseClick(pill, Qt.MouseButton.LeftButton)
    assert asked.args == [page.welcome.suggestions[0], []]


def test_the_first_turn_takes_the_place_of_the_welcome(page):
    page.set_turns([])
    page.add_turn(a_turn(seconds=None))
    page.apply("q1", delta("The tent"))
    assert not page.welcome.isVisible()
    assert page.timeline.view_of("q1").answer == "The tent"


def test_a_question_is_asked_by_typing(page, qtbot):
    page.write()
    edit = page.findChild(PromptEdit)
    qtbot.keyClicks(edit, "Which?")
    with qtbot.waitSignal(page.asked) as asked:
        qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert asked.args == ["Which?", []]


def test_escape_stops_the_run_wherever_the_focus_is(page, qtbot):
    page.set_turns([a_turn(payloads=a_run())])
    page.set_running(True)
    page.timeline.setFocus()
    with qtbot.waitSignal(page.stopped):
        qtbot.keyClick(page.timeline, Qt.Key.Key_Escape)


def test_a_notice_replaces_the_one_before_and_tells_its_action(page, qtbot):
    page.show_notice("info", "Saved.")
    page.show_notice("error", "The model did not answer.", "Check it.", "Open settings")
    assert page.notice.text == "The model did not answer."
    with qtbot.waitSignal(page.notice_acted) as acted:
        qtbot.mouseClick(page.notice.findChild(QPushButton), Qt.MouseButton.LeftButton)
    assert acted.args == ["Open settings"]
    page.close_notice()
    assert page.notice is None


def test_what_turns_tell_is_passed_on(page, qtbot):
    page.set_turns([a_turn(payloads=a_run())])
    view = page.timeline.view_of("q1")
    for name, args in {
        "citation_selected": ["q1", "r"],
        "object_selected": ["q1", "r"],
        "step_selected": ["q1", 0],
        "run_again": ["q1"],
        "table_wanted": ["q1", {"objects": []}],
        "link_wanted": ["https://example.org"],
    }.items():
        with qtbot.waitSignal(getattr(page, name)) as told:
            getattr(view, name).emit(*args)
        assert told.args == args


def test_everything_that_takes_focus_has_a_name(page):
    page.set_turns([a_turn(payloads=a_run())])
    page.show_notice("warn", "Careful.", "Look.", "Do it")
    for widget in page.findChildren(QPushButton):
        assert widget.accessibleName() or widget.text()
