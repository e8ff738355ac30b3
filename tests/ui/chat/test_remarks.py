from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QToolButton

from elysia_desktop.ui.chat.remarks import HealedError, WarningLine


def test_a_warning_is_shown_as_it_is(qtbot):
    line = WarningLine("<b>Two</b> products were left out.")
    qtbot.addWidget(line)
    assert line.findChildren(QLabel)[-1].text() == "<b>Two</b> products were left out."


def test_the_message_of_a_healed_error_opens_and_closes_from_the_keyboard(qtbot):
    error = HealedError("There is no “rank”.", "QueryRejected: no property rank")
    qtbot.addWidget(error)
    error.show()
    button = error.findChild(QToolButton)
    assert button.accessibleName() == "Healed: There is no “rank”."
    assert not error.detail.isVisible()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert error.detail.isVisible()
    assert error.detail.text() == "QueryRejected: no property rank"
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert not error.detail.isVisible()
