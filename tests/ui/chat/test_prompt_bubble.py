from PySide6.QtWidgets import QFrame, QLabel

from elysia_desktop.ui.chat.prompt_bubble import PromptBubble


def bubble(qtbot, prompt):
    view = PromptBubble(prompt)
    qtbot.addWidget(view)
    view.resize(700, 400)
    view.show()
    return view, view.findChild(QFrame), view.findChild(QLabel)


def test_a_short_prompt_stands_at_the_right_on_one_line(qtbot):
    view, frame, label = bubble(qtbot, "Which tents are rated best?")
    qtbot.waitUntil(lambda: frame.geometry().right() == view.rect().right())
    assert label.height() < 2 * label.fontMetrics().lineSpacing()


def test_a_long_prompt_wraps_and_leaves_room_at_the_left(qtbot):
    _view, frame, label = bubble(qtbot, "Which tents are rated best? " * 20)
    qtbot.waitUntil(lambda: frame.x() > 60)
    assert label.height() > 2 * label.fontMetrics().lineSpacing()


def test_a_prompt_is_never_read_as_markup(qtbot):
    _view, _, label = bubble(qtbot, "<b>bold</b>")
    assert label.textFormat().name == "PlainText"
