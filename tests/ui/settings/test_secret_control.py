import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from elysia_desktop.ui.settings.keys import Keys
from elysia_desktop.ui.settings.secret_control import SecretControl


@pytest.fixture
def control(qtbot):
    control = SecretControl()
    control.name("API key", "Lets the provider know who asks.")
    qtbot.addWidget(control)
    control.show()
    return control


def press(qtbot, control, text):
    button = next(b for b in control.findChildren(QPushButton) if b.text() == text and b.isVisible())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def buttons(control):
    return [b.text() for b in control.findChildren(QPushButton) if b.isVisible()]


def test_an_unknown_key_is_entered_as_dots(control, qtbot):
    control.show_key("K", Keys())
    line = control.findChild(QLineEdit)
    assert line.isVisible()
    assert buttons(control) == []
    with qtbot.waitSignal(control.changed):
        qtbot.keyClicks(line, " s3cret ")
    assert control.value() == "s3cret"
    assert "s3cret" not in line.displayText()


def test_a_known_key_is_said_to_be_known(control):
    control.show_key("K", Keys.kept({"K"}, "", set()))
    assert control.findChild(QLabel).text().endswith("saved in the system keyring")
    assert control.value() is None
    assert buttons(control) == ["Replace…", "Remove"]


def test_a_known_key_can_be_replaced_or_kept_after_all(control, qtbot):
    control.show_key("K", Keys.kept({"K": "session"}, "", set()))
    press(qtbot, control, "Replace…")
    qtbot.keyClicks(control.findChild(QLineEdit), "new")
    assert control.value() == "new"
    press(qtbot, control, "Keep the old one")
    assert control.value() is None
    assert buttons(control) == ["Replace…", "Remove"]


def test_escape_keeps_the_old_key(control, qtbot):
    control.show_key("K", Keys.kept({"K"}, "", set()))
    press(qtbot, control, "Replace…")
    line = control.findChild(QLineEdit)
    qtbot.keyClicks(line, "new")
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert control.value() is None


def test_a_known_key_can_be_removed_and_that_taken_back(control, qtbot):
    control.show_key("K", Keys.kept({"K"}, "", set()))
    press(qtbot, control, "Remove")
    assert control.value() == ""
    assert control.findChild(QLabel).text() == "will be removed when you save"
    press(qtbot, control, "Replace…")
    press(qtbot, control, "Keep the old one")
    assert control.value() is None


def test_a_key_from_the_environment_is_not_to_be_changed_here(control):
    control.show_key("K", Keys.kept(set(), "", {"K"}))
    assert control.findChild(QLabel).text().endswith("from the environment")
    assert buttons(control) == []


def test_finishing_an_entry_is_told(control, qtbot):
    control.show_key("K", Keys())
    line = control.findChild(QLineEdit)
    qtbot.keyClicks(line, "k")
    with qtbot.waitSignal(control.entered):
        qtbot.keyClick(line, Qt.Key.Key_Return)
