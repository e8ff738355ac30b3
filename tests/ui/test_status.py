import pytest

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
    assert "&lt;b&gt;Bold" in status._data.text()
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
