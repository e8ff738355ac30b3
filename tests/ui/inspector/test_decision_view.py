from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QToolButton
from pytestqt.qtbot import QtBot

from elysia_desktop.ui.inspector.decision_view import DecisionView
from elysia_desktop.ui.inspector.run_record import RunRecord


@pytest.fixture
def view(qtbot: QtBot, payloads: list[dict[str, Any]]) -> DecisionView:
    view = DecisionView()
    qtbot.addWidget(view)
    view.show_run(RunRecord.of(payloads))
    view.show()
    return view


def button(view: DecisionView, name: str) -> QToolButton:
    return next(found for found in view.findChildren(QToolButton) if found.accessibleName() == name)


def test_it_says_which_decision_at_what_cost(view: DecisionView) -> None:
    assert view.header.title == "Decision 1 of 2"
    assert view.header.chip == "1,612 tokens in · 58 out"


def test_the_reasoning_is_quoted_and_never_read_as_markup(view: DecisionView) -> None:
    assert "“Look &lt;b&gt;first&lt;/b&gt;.”" in view.text()
    assert "visualise · query · text_response" in view.text()
    assert "Products · 10 objects · 1.4 s" in view.text()
    assert "asked" not in view.text()


def test_the_buttons_go_back_and_forth(view: DecisionView, qtbot: QtBot) -> None:
    previous, following = button(view, "Previous decision"), button(view, "Next decision")
    assert not previous.isEnabled()
    with qtbot.waitSignal(view.decision_selected) as selected:
        qtbot.mouseClick(following, Qt.MouseButton.LeftButton)
    assert selected.args == [1]
    assert "asked 2 times" in view.text()
    assert not following.isEnabled()
    qtbot.mouseClick(previous, Qt.MouseButton.LeftButton)
    assert view.header.title == "Decision 1 of 2"


def test_the_arrow_keys_go_back_and_forth(view: DecisionView, qtbot: QtBot) -> None:
    body = view.findChild(QScrollArea)
    qtbot.keyClick(body, Qt.Key.Key_Right)
    assert view.header.title == "Decision 2 of 2"
    qtbot.keyClick(body, Qt.Key.Key_Left)
    assert view.header.title == "Decision 1 of 2"


def test_a_node_shows_the_decision_that_chose_it(view: DecisionView) -> None:
    shown = view.show_node("text_response")
    assert shown is not None
    assert shown.index == 1
    assert view.show_node("visualise") is None
    assert "“visualise” was not chosen" in view.text()


def test_a_running_run_shows_its_newest_decision_until_the_person_chooses(
    view: DecisionView, payloads: list[dict[str, Any]]
) -> None:
    record = RunRecord("q1")
    view.show_run(record)
    assert "Deciding…" in view.text()
    for payload in payloads[:2]:
        record.feed(payload)
    view.show_run(record)
    view.show_decision(0)
    for payload in payloads[2:]:
        record.feed(payload)
    view.show_run(record)
    assert view.header.title == "Decision 1 of 2"


def test_a_forced_choice_has_no_tokens(view: DecisionView, payloads: list[dict[str, Any]]) -> None:
    view.show_run(RunRecord.of(payloads[1:2]))
    assert view.header.chip == "no model call"


def test_without_a_run_it_says_what_will_come(view: DecisionView) -> None:
    view.show_run(None)
    assert "Ask something: the path the agent takes appears here." in view.text()
    assert view.header.chip == ""
