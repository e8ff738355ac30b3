from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton

from elysia_desktop.core.conversation import ConversationSummary
from elysia_desktop.ui.conversations.conversation_panel import ConversationPanel

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)


def summary(name, days=0, pinned=False, title=""):
    when = NOW - timedelta(days=days)
    return ConversationSummary(name, title or f"Title {name}", when, when, 3, ("Products",), pinned)


@pytest.fixture
def panel(qtbot):
    panel = ConversationPanel(now=lambda: NOW)
    qtbot.addWidget(panel)
    panel.resize(240, 700)
    panel.set_conversations([summary("a"), summary("b", 1), summary("c", 2, pinned=True)])
    panel.set_current("a")
    with qtbot.waitExposed(panel):
        panel.show()
    panel.list.setFocus()
    return panel


def place(panel, conversation_id):
    index = panel.model.index(panel.model.row_of(conversation_id), 0)
    return panel.list.visualRect(index).center()


def test_a_click_opens_a_conversation(panel, qtbot):
    with qtbot.waitSignal(panel.opened) as opened:
        qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place(panel, "b"))
    assert opened.args == ["b"]


def test_arrow_and_enter_open_the_next_one(panel, qtbot):
    qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    with qtbot.waitSignal(panel.opened) as opened:
        qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    assert opened.args == ["b"]


def test_f2_renames_in_place(panel, qtbot):
    qtbot.keyClick(panel.list, Qt.Key.Key_F2)
    editor = panel.list.viewport().findChild(QLineEdit)
    assert editor.text() == "Title a"
    editor.setText("Tents")
    with qtbot.waitSignal(panel.renamed) as renamed:
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert renamed.args == ["a", "Tents"]


def test_a_new_list_waits_until_the_title_is_typed(panel, qtbot):
    qtbot.keyClick(panel.list, Qt.Key.Key_F2)
    editor = panel.list.viewport().findChild(QLineEdit)
    panel.set_conversations([summary("a", title="Tents"), summary("d")])
    assert editor.isVisible()
    assert panel.model.row_of("d") == -1
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: panel.model.row_of("d") >= 0)


def test_delete_tells_the_selected_one(panel, qtbot):
    with qtbot.waitSignal(panel.deleted) as deleted:
        qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    assert deleted.args == ["a"]


@pytest.mark.parametrize(
    ("conversation", "entry", "args"), [("a", "Pin to the top", ["a", True]), ("c", "Unpin", ["c", False])]
)
def test_the_menu_pins_and_unpins(panel, qtbot, conversation, entry, args):
    menu = panel.list.context_menu(panel.model.index(panel.model.row_of(conversation), 0))
    action = next(each for each in menu.actions() if each.text() == entry)
    with qtbot.waitSignal(panel.pinned) as pinned:
        action.trigger()
    assert pinned.args == args


def test_a_heading_has_no_menu(panel):
    assert panel.list.context_menu(panel.model.index(0, 0)) is None


def test_searching_tells_the_text_as_it_is_typed(panel, qtbot):
    with qtbot.waitSignals([panel.searched, panel.searched]):
        qtbot.keyClicks(panel.search, "te")


@pytest.mark.parametrize(
    ("button", "signal"),
    [("new", "created"), ("data", "data_wanted"), ("agent", "agent_wanted"), ("settings", "settings_wanted")],
)
def test_the_buttons_tell_what_is_wanted(panel, qtbot, button, signal):
    with qtbot.waitSignal(getattr(panel, signal)):
        qtbot.mouseClick(getattr(panel, button), Qt.MouseButton.LeftButton)


def test_ways_that_lead_nowhere_can_be_hidden(panel):
    panel.set_nav_visible(data=False, agent=False)
    assert not panel.data.isVisible()
    assert not panel.agent.isVisible()
    assert panel.settings.isVisible()


def test_the_selection_stays_when_the_list_changes(panel):
    panel.set_conversations([summary("d"), summary("a"), summary("b", 1)])
    assert panel.model.summary(panel.list.currentIndex()).id == "a"


def test_an_empty_list_says_why(panel, qtbot):
    panel.set_conversations([])
    assert panel._nothing.text() == "No conversations yet."
    qtbot.keyClicks(panel.search, "x")
    panel.set_conversations([])
    assert panel._nothing.text() == "No conversation matches."
    assert panel._nothing.isVisible()


def test_everything_has_a_name_for_screen_readers(panel):
    for widget in [*panel.findChildren(QPushButton), panel.search, panel.list]:
        assert widget.accessibleName()
    index = panel.model.index(panel.model.row_of("a"), 0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Title a, 3 prompts · Products"
