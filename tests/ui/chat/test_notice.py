import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton

from elysia_desktop.ui.chat.notice import Notice


def test_its_button_tells_what_is_to_be_done(qtbot):
    notice = Notice("error", "The model did not answer.", "Check that it runs.", "Open settings")
    qtbot.addWidget(notice)
    with qtbot.waitSignal(notice.acted) as acted:
        qtbot.mouseClick(notice.findChild(QPushButton), Qt.MouseButton.LeftButton)
    assert acted.args == ["Open settings"]


def test_it_can_be_closed_from_the_keyboard(qtbot):
    notice = Notice("info", "Saved.")
    qtbot.addWidget(notice)
    with qtbot.waitSignal(notice.closed):
        qtbot.keyClick(notice.findChild(QToolButton), Qt.Key.Key_Space)


@pytest.mark.parametrize(("kind", "word"), [("info", "Note"), ("warn", "Warning"), ("error", "Error")])
def test_the_kind_is_said_in_words_too(qtbot, kind, word):
    notice = Notice(kind, "Something happened.", "Do this.")
    qtbot.addWidget(notice)
    assert notice.accessibleName() == f"{word}: Something happened."
    assert notice.accessibleDescription() == "Do this."


def test_each_of_two_buttons_tells_its_own_words(qtbot):
    notice = Notice("info", "It is long.", "", "Attach", other="Paste")
    qtbot.addWidget(notice)
    told = []
    notice.acted.connect(told.append)
    for button in notice.findChildren(QPushButton):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert told == ["Attach", "Paste"]


def test_in_a_narrow_window_two_buttons_leave_the_words_their_room(qtbot):
    notice = Notice("info", "It is long. " * 8, "Decide in the settings.", "Allow", other="Do not allow")
    qtbot.addWidget(notice)
    notice.resize(340, 300)
    notice.show()
    words = next(label for label in notice.findChildren(QLabel) if label.text().startswith("It is long."))
    assert words.width() > 240
    assert words.height() >= words.heightForWidth(words.width())
