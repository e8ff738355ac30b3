import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QToolButton
from pytestqt.qtbot import QtBot

from elysia_desktop.ui.inspector.prompts_text import LONGEST_LINE, LONGEST_SHOWN, TextSection


@pytest.fixture
def section(qtbot: QtBot) -> TextSection:
    section = TextSection("Reply", "Copy the reply")
    qtbot.addWidget(section)
    section.resize(400, 600)
    section.show()
    return section


def button(section: TextSection, name: str) -> QToolButton:
    return next(found for found in section.findChildren(QToolButton) if found.accessibleName() == name)


def test_a_text_is_shown_in_its_form_and_copied_as_it_was(section: TextSection, qtbot: QtBot) -> None:
    section.show_text("as it came", str.upper)
    assert section.shown == "AS IT CAME"
    qtbot.mouseClick(button(section, "Copy the reply"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "as it came"
    assert button(section, "Copied").isVisible()
    section.show_text("another")
    assert button(section, "Copy the reply").isVisible()


def test_a_folded_text_is_formed_only_when_it_is_opened(section: TextSection, qtbot: QtBot) -> None:
    formed: list[str] = []

    def form(text: str) -> str:
        formed.append(text)
        return text

    fold = button(section, "Reply")
    qtbot.keyClick(fold, Qt.Key.Key_Space)
    section.show_text("later", form)
    assert not section.is_open
    assert formed == []
    qtbot.keyClick(fold, Qt.Key.Key_Space)
    assert section.shown == "later"
    qtbot.keyClick(fold, Qt.Key.Key_Space)
    qtbot.keyClick(fold, Qt.Key.Key_Space)
    assert formed == ["later"]


def test_nothing_hides_the_section(section: TextSection) -> None:
    section.show_text("")
    assert not section.isVisible()
    section.show_text("something")
    assert section.isVisible()


def test_the_text_is_as_high_as_its_lines_and_scrolls_when_there_are_many(section: TextSection) -> None:
    pane = section.findChild(QPlainTextEdit)
    section.show_text("one")
    low = pane.height()
    section.show_text("one\ntwo\nthree")
    assert low < pane.height()
    assert not pane.verticalScrollBar().isVisible()
    section.show_text("line\n" * 500)
    assert pane.height() < 500
    assert pane.verticalScrollBar().isVisible()


def test_a_very_long_text_is_shown_in_part_and_copied_whole(section: TextSection) -> None:
    text = "line\n" * (LONGEST_SHOWN // 4)
    section.show_text(text)
    assert len(section.shown) < LONGEST_SHOWN + 200
    assert section.shown.endswith("25,000 more characters; copying gives all of them.")
    section.copy()
    assert QGuiApplication.clipboard().text() == text


def test_a_very_long_line_is_cut(section: TextSection) -> None:
    section.show_text("x" * (LONGEST_LINE + 1) + "\nshort")
    assert section.shown == "x" * LONGEST_LINE + "…\nshort"


def test_markup_is_shown_as_it_is_and_cannot_be_typed_over(section: TextSection, qtbot: QtBot) -> None:
    section.show_text("<b>bold</b>")
    qtbot.keyClicks(section.findChild(QPlainTextEdit), "typed")
    assert section.shown == "<b>bold</b>"
