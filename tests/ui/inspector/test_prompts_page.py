import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from ui.inspector.prompts_samples import at, decided, exchange, used

from elysia_desktop.ui.inspector.prompts_page import PromptsPage
from elysia_desktop.ui.inspector.run_record import RunRecord


@pytest.fixture
def page(qtbot: QtBot) -> PromptsPage:
    page = PromptsPage()
    qtbot.addWidget(page)
    page.resize(430, 700)
    page.show()
    return page


def begin(page: PromptsPage) -> RunRecord:
    record = RunRecord("q1")
    page.set_period(at(0), None)
    page.show_run(record)
    return record


def test_the_newest_is_followed_while_a_run_goes_on(page: PromptsPage) -> None:
    record = begin(page)
    for number in (1, 2):
        page.set_exchanges([exchange(count, system=f"{count}") for count in range(1, number + 1)])
        assert page.detail.user.shown == f"Question {number}"
        record.feed(used(f"e{number}"))
        page.show_run(record)
    assert page.header.chip == "2 calls"
    assert page.detail.header.title == "Call 2 of 2"
    record.end()
    page.show_run(record)
    assert page.detail.user.shown == "Question 2"


def test_a_chosen_one_stays_while_more_come(page: PromptsPage, qtbot: QtBot) -> None:
    begin(page)
    page.set_exchanges([exchange(1), exchange(2)])
    qtbot.keyClick(page.requests, Qt.Key.Key_Up)
    assert page.detail.user.shown == "Question 1"
    page.set_exchanges([exchange(1), exchange(2), exchange(3)])
    assert page.detail.user.shown == "Question 1"
    assert page.detail.header.title == "Call 1 of 3"


def test_a_run_that_is_over_is_read_from_its_beginning(page: PromptsPage) -> None:
    page.set_exchanges([exchange(1), exchange(2)])
    page.show_run(RunRecord.of([used("e1"), decided("query"), used("e2")]))
    assert page.detail.user.shown == "Question 1"
    assert page.select_call(1)
    assert page.detail.user.shown == "Question 2"
    assert page.requests.currentIndex().row() == 1
    assert not page.select_call(2)
    assert not page.select_call(None)


def test_another_run_forgets_what_was_chosen(page: PromptsPage) -> None:
    page.set_exchanges([exchange(1), exchange(2), exchange(3)])
    page.show_run(RunRecord.of([used("e1"), used("e2")]))
    page.select_call(1)
    page.show_run(RunRecord.of([used("e3"), used("e2")]))
    assert page.detail.header.title == "Call 1 of 2"


def test_a_failed_request_of_a_stopped_run_is_there(page: PromptsPage) -> None:
    record = begin(page)
    record.end()
    page.show_run(record)
    assert page.rows == []
    page.set_exchanges([exchange(-5), exchange(1, error="Stopped.", reply="")])
    assert [row.key for row in page.rows] == ["e1"]
    assert "Stopped." in page.detail.remarks


def test_texts_out_of_sight_are_not_laid_out(page: PromptsPage) -> None:
    page.hide()
    page.set_exchanges([exchange(1)])
    page.show_run(RunRecord.of([used("e1")]))
    assert page.detail.user.shown == ""
    page.show()
    assert page.detail.user.shown == "Question 1"


def test_everything_is_reached_from_the_list_by_the_keyboard(page: PromptsPage, qtbot: QtBot) -> None:
    begin(page)
    page.set_exchanges([exchange(1)])
    page.requests.setFocus()
    names: list[str] = []
    for _ in range(12):
        focused = page.window().focusWidget()
        names.append(focused.accessibleName())
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    texts = ("system message", "user message", "reply")
    expected = [name for text in texts for name in (text.capitalize(), f"Copy the {text}", text.capitalize())]
    assert names == ["Model calls", *expected, "JSON schema", "Copy the JSON schema"]


def test_without_calls_it_says_why(page: PromptsPage) -> None:
    def words() -> list[str]:
        return [label.text() for label in page.findChildren(QLabel) if label.isVisible() and label.text()]

    assert words() == ["What is sent to the model, and what comes back, appears here."]
    record = begin(page)
    assert words() == ["The first prompt appears here as soon as it is answered."]
    record.end()
    page.show_run(record)
    assert words() == ["No model was asked in this run."]


def test_the_list_takes_what_it_needs_and_never_more_than_its_share(page: PromptsPage) -> None:
    begin(page)
    page.set_exchanges([exchange(1), exchange(2)])
    assert page.requests.height() == page.requests.content_height
    page.set_exchanges([exchange(number) for number in range(1, 100)])
    assert page.requests.height() < page.height() / 2
