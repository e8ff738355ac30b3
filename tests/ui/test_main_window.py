from collections import Counter

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel
from ui.files.files import a_source

from elysia_desktop.ui import theme
from elysia_desktop.ui.main_window import MainWindow


@pytest.fixture
def layout(tmp_path):
    return QSettings(str(tmp_path / "layout.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def dressed(qapp):
    """The application in its light theme; undressed afterwards, for the other tests."""
    palette, sheet = qapp.palette(), qapp.styleSheet()
    theme.apply(qapp, "light")
    yield qapp
    qapp.setPalette(palette)
    qapp.setStyleSheet(sheet)


def open_window(qtbot, layout):
    window = MainWindow(layout)
    qtbot.addWidget(window)
    window.restore_layout()
    window.show()
    qtbot.waitExposed(window)
    return window


def test_it_opens_with_a_new_conversation_and_the_cursor_in_the_question(qtbot, layout):
    window = open_window(qtbot, layout)
    window.activateWindow()
    assert window.page.header.title == "New conversation"
    assert window.focusWidget() is not None
    assert window.focusWidget().accessibleName() == "Question"


def test_the_layout_comes_back(qtbot, layout):
    window = open_window(qtbot, layout)
    window.resize(790, 640)  # no larger than the screen of the tests
    window.side_dock.hide()
    left_at = (window.width(), window.height())
    window.inspector.set_current_tab("objects")
    window.page.composer.draft = "half a question"
    window.save_layout("conversation-7")
    again = open_window(qtbot, layout)
    assert (again.width(), again.height()) == left_at
    assert not again.side_dock.isVisible()
    assert again.inspector_dock.isVisible()
    assert again.inspector.current_tab == "objects"
    assert again.page.composer.draft == "half a question"
    assert again.last_conversation == "conversation-7"


def test_an_unreadable_layout_is_passed_over(qtbot, layout):
    layout.setValue("geometry", b"nonsense")
    layout.setValue("state", b"nonsense")
    layout.setValue("inspector", "a tab of another version")
    window = open_window(qtbot, layout)
    assert window.side_dock.isVisible()
    assert window.inspector.current_tab == "run"


@pytest.mark.qt_log_ignore("This plugin does not support raise")
def test_resetting_the_layout_brings_every_part_back(qtbot, layout):
    window = open_window(qtbot, layout)
    window.side_dock.hide()
    window.inspector_dock.setFloating(True)
    window.inspector_dock.hide()
    window.actions_.reset_layout.trigger()
    assert window.side_dock.isVisible()
    assert window.inspector_dock.isVisible()
    assert not window.inspector_dock.isFloating()


def test_the_inspector_is_built_when_it_is_asked_for_and_keeps_the_tab(qtbot, layout):
    layout.setValue("inspector", "environment")
    window = open_window(qtbot, layout)
    assert window.inspector_dock.widget() is not None
    assert window.inspector.current_tab == "environment"
    assert window.inspector_dock.widget() is window.inspector


def test_header_and_tabs_end_on_one_line(qtbot, layout, dressed):
    window = open_window(qtbot, layout)
    _ = window.inspector
    qtbot.wait(10)
    header = window.page.header
    bar = window.inspector._tabs.tabBar()
    pane_line = 1
    header_end = header.mapTo(window, header.rect().bottomLeft()).y()
    bar_end = bar.mapTo(window, bar.rect().bottomLeft()).y() + pane_line
    assert header_end == bar_end


def test_it_can_be_made_narrow(qtbot, layout, dressed):
    window = open_window(qtbot, layout)
    _ = window.inspector
    window.page.welcome.set_suggestions(["A question that is rather long and goes on and on " * 3] * 4)
    window.resize(1000, 700)
    qtbot.wait(10)
    assert window.width() == 1000


@pytest.mark.parametrize("files", [0, 2, 5])
def test_everything_that_takes_the_focus_has_a_name(qtbot, layout, files):
    window = open_window(qtbot, layout)
    if files:
        row = window.page.composer.files
        row.show_files([a_source(f"d{n}", in_use=n > 1, note="Page 2 is a picture.") for n in range(files)])
        row.show_progress(0, 2, "a.pdf")
        window.page.show_notice("warn", "A file was not attached.", "It is damaged.", "Do it", "Or that")
    tops = [window, window.inspector]
    nameless = [
        widget
        for top in tops
        for widget in top.findChildren(object)
        if hasattr(widget, "focusPolicy")
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and not isinstance(widget, QLabel)  # selectable text says itself
        and not widget.accessibleName()
        and not (isinstance(widget, QAbstractButton) and widget.text())
    ]
    assert nameless == []


def test_tab_goes_from_the_question_over_its_files_to_the_rest_of_the_window(qtbot, layout):
    window = open_window(qtbot, layout)
    with qtbot.waitActive(window):
        window.activateWindow()
    window.page.composer.files.show_files([a_source("a"), a_source("b")])
    window.page.write()
    names = []
    for key in [Qt.Key.Key_Tab] * 6 + [Qt.Key.Key_Backtab] * 6:
        qtbot.keyClick(window.focusWidget(), key)
        names.append(window.focusWidget().accessibleName())
    there = [
        "File: a.pdf", "File: b.pdf", "Collections to ask about: All collections", "Attach files…",
        "Send the question", "New conversation",
    ]  # fmt: skip
    assert names == [*there, *there[-2::-1], "Question"]


def test_every_command_can_be_reached_and_no_two_share_a_shortcut(qtbot, layout):
    window = open_window(qtbot, layout)
    actions = [
        action for action in window.findChildren(QAction) if not action.isSeparator() and action.text()
    ]
    keys = Counter(key.toString() for action in actions for key in action.shortcuts() if not key.isEmpty())
    assert [key for key, count in keys.items() if count > 1] == []
    assert {"Ctrl+N", "Ctrl+B", "Ctrl+I", "Ctrl+,", "Ctrl+L"} <= set(keys)


def test_shortcuts_show_the_tabs_of_the_inspector(qtbot, layout):
    window = open_window(qtbot, layout)
    window.inspector_dock.hide()
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.inspector_dock.isVisible()
    assert window.inspector.current_tab == "environment"


def colour_of_dot(status):
    return status._dot.grab().toImage().pixelColor(status._dot.rect().center()).name()


def test_another_theme_is_worn_at_once_by_everything(qtbot, layout, dressed):
    window = open_window(qtbot, layout)
    window.status.set_data("Local library")
    theme.apply(dressed, "dark")
    qtbot.waitUntil(lambda: theme.DARK.accent == colour_of_dot(window.status))
    assert window.palette().color(QPalette.ColorRole.Window).name() == theme.DARK.bg
    image = window.grab().toImage()
    ground = image.pixelColor(window.page.mapTo(window, window.page.rect().center())).lightness()
    assert ground < 128
    theme.apply(dressed, "light")
    qtbot.waitUntil(lambda: theme.LIGHT.accent == colour_of_dot(window.status))


def test_closing_is_told_and_does_not_end_the_application(qtbot, layout):
    window = open_window(qtbot, layout)
    with qtbot.waitSignal(window.closed):
        window.close()
    assert isinstance(QApplication.instance(), QApplication)
