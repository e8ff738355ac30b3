from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from elysia_desktop.ui.chat.chat_page import ChatPage
from elysia_desktop.ui.chat.prompt_edit import PromptEdit
from elysia_desktop.ui.files.drop_target import DropTarget

COPY, BUTTON, NONE = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
PATHS = [Path("/tmp/report.pdf"), Path("/tmp/notes.md")]


@pytest.fixture
def page(qtbot):
    page = ChatPage()
    qtbot.addWidget(page)
    page.resize(600, 500)
    page.show()
    return page


def files(paths=PATHS):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drag(widget, data):
    event = QDragEnterEvent(QPoint(5, 5), COPY, data, BUTTON, NONE)
    QApplication.sendEvent(widget, event)
    return event


def test_files_are_taken_wherever_they_are_dropped(page, qtbot):
    data = files()
    target = page.findChild(DropTarget)
    for place in (page, page.timeline, page.findChild(PromptEdit).viewport()):
        assert drag(place, data).isAccepted()
        assert target.isVisible()
        assert target.geometry() == page.rect()
        with qtbot.waitSignal(page.files_given) as given:
            QApplication.sendEvent(page, QDropEvent(QPointF(5, 5), COPY, data, BUTTON, NONE))
        assert given.args == [PATHS]
        assert target.isHidden()


def test_the_target_goes_when_the_files_are_dragged_away(page):
    data = files()
    drag(page, data)
    QApplication.sendEvent(page, QDragLeaveEvent())
    assert page.findChild(DropTarget).isHidden()


def test_other_things_are_not_taken(page):
    text = QMimeData()
    text.setText("just words")
    link = QMimeData()
    link.setUrls([QUrl("https://example.org/a.pdf")])
    for data in (text, link):
        assert not drag(page, data).isAccepted()
        assert page.findChild(DropTarget).isHidden()


def test_the_target_is_painted(page):
    data = files()
    drag(page, data)
    plain = page.findChild(DropTarget).grab().toImage()
    assert plain.pixelColor(plain.rect().center()) != plain.pixelColor(2, 2)
