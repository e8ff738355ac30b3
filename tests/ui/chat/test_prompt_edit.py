from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QImage

from elysia_desktop.ui.chat.prompt_edit import PromptEdit


@pytest.fixture
def edit(qtbot):
    edit = PromptEdit()
    qtbot.addWidget(edit)
    edit.resize(400, edit.height())
    edit.show()
    return edit


def test_enter_submits_and_adds_no_line(edit, qtbot):
    qtbot.keyClicks(edit, "hello")
    with qtbot.waitSignal(edit.submitted):
        qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert edit.toPlainText() == "hello"


def test_shift_and_enter_breaks_the_line(edit, qtbot):
    qtbot.keyClicks(edit, "one")
    with qtbot.assertNotEmitted(edit.submitted):
        qtbot.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(edit, "two")
    assert edit.toPlainText() == "one\ntwo"


def test_it_grows_to_eight_lines_and_then_scrolls(edit):
    heights = []
    for lines in (1, 2, 8, 20):
        edit.setPlainText("\n".join(["line"] * lines))
        heights.append(edit.height())
    assert heights[0] < heights[1] < heights[2] == heights[3]
    assert edit.visible_lines == 8
    edit.clear()
    assert edit.height() == heights[0]


def test_a_long_line_counts_as_the_lines_it_takes(edit):
    edit.setPlainText("word " * 60)
    assert edit.visible_lines > 2


def test_tab_leaves_the_field(edit):
    assert edit.tabChangesFocus()


def test_only_text_is_pasted(edit):
    page = QMimeData()
    page.setHtml("<b>bold</b>")
    page.setText("bold")
    edit.insertFromMimeData(page)
    assert edit.toPlainText() == "bold"


def test_files_of_the_clipboard_are_given_away_and_not_written(edit, qtbot):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/tmp/report.pdf")])
    with qtbot.waitSignal(edit.files_given) as given:
        edit.insertFromMimeData(data)
    assert given.args == [[Path("/tmp/report.pdf")]]
    assert edit.toPlainText() == ""
    assert edit.canInsertFromMimeData(data)


def test_a_picture_is_refused_in_words(edit, qtbot):
    data = QMimeData()
    data.setImageData(QImage(4, 4, QImage.Format.Format_RGB32))
    with qtbot.waitSignal(edit.refused) as refused:
        edit.insertFromMimeData(data)
    assert "picture cannot be attached" in refused.args[0]


def test_a_picture_with_words_is_its_words(edit, qtbot):
    data = QMimeData()
    data.setImageData(QImage(4, 4, QImage.Format.Format_RGB32))
    data.setText("a chart")
    with qtbot.assertNotEmitted(edit.refused):
        edit.insertFromMimeData(data)
    assert edit.toPlainText() == "a chart"


@pytest.mark.parametrize(("length", "is_long"), [(8_000, False), (8_001, True)])
def test_a_very_long_text_is_not_written(edit, length, is_long):
    data = QMimeData()
    data.setText("x" * length)
    told = []
    edit.long_text_given.connect(told.append)
    edit.insertFromMimeData(data)
    assert len(edit.toPlainText()) == (0 if is_long else length)
    assert told == (["x" * length] if is_long else [])
