from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from elysia_desktop.ui.chat.welcome import Welcome


def test_four_questions_are_offered_at_first(qtbot):
    welcome = Welcome()
    qtbot.addWidget(welcome)
    assert len(welcome.suggestions) == 4


def test_a_click_suggests_the_question(qtbot):
    welcome = Welcome()
    qtbot.addWidget(welcome)
    welcome.set_suggestions(["Tents & packs?", "What is cheap?", "What is new?"])
    welcome.show()
    pill = next(
        each for each in welcome.findChildren(QPushButton) if each.accessibleName() == "Tents & packs?"
    )
    with qtbot.waitSignal(welcome.suggested) as suggested:
        qtbot.mouseClick(pill, Qt.MouseButton.LeftButton)
    assert suggested.args == ["Tents & packs?"]
