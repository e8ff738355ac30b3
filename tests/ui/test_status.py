import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from elysia_desktop.ui import theme
from elysia_desktop.ui.status import StatusBar


@pytest.fixture
def status(qtbot):
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.show()
    return bar


def test_it_counts_questions_and_tokens(status):
    assert status._session.text() == "Session: 0 prompts · 0 tokens"
    status.count_prompt()
    status.count_tokens(1000, 200)
    status.count_tokens(30, 4)
    assert status._session.text().startswith("Session: 1 prompt · 1")
    assert status._session.text().endswith("234 tokens")


def test_a_name_that_looks_like_markup_is_shown_as_it_is(status):
    status.set_data("<b>Bold</b> & co")
    assert status._data.textFormat() is Qt.TextFormat.PlainText
    assert status.data_text == "<b>Bold</b> & co"


def test_progress_is_seen_while_there_is_some(status):
    status.set_progress(0.4)
    assert status._progress.isVisible()
    assert status._progress.value() == 40
    status.set_progress(None)
    assert not status._progress.isVisible()


def test_without_activity_it_is_idle(status):
    status.set_activity("Searching…")
    assert status._activity.text() == "Searching…"
    status.set_activity("")
    assert status._activity.text() == "Idle"


def test_a_dot_tells_whether_the_data_can_be_reached(qtbot, status):
    theme.apply(QApplication.instance(), "light")
    assert not status._dot.isVisible()
    for ready, colour in ((False, theme.LIGHT.warn), (True, theme.LIGHT.accent)):
        status.set_data("Weaviate", ready=ready)
        image = status._dot.grab().toImage()
        assert image.pixelColor(image.rect().center()).name() == colour


def test_data_and_model_stand_on_one_line(qtbot, status):
    theme.apply(QApplication.instance(), "light")
    status.set_data("Local library")
    status.set_model("Ollama")
    qtbot.wait(1)
    data, model = status._data, status._model
    assert data.mapTo(status, QPoint()).y() == model.mapTo(status, QPoint()).y()
    assert data.height() == model.height()
