from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from ui.inspector.prompts_samples import at, decided, exchange, finished, used

from elysia_desktop.core.environment import Environment
from elysia_desktop.ui.inspector.inspector import Inspector
from elysia_desktop.ui.inspector.run_page import CANVAS_SHARE

REF = "query_Products_1_3"


@pytest.fixture
def inspector(qtbot: QtBot, tree: dict[str, Any], environment: Environment) -> Inspector:
    inspector = Inspector()
    qtbot.addWidget(inspector)
    inspector.resize(430, 846)
    inspector.set_tree(tree)
    inspector.set_environment(environment, {})
    inspector.show()
    return inspector


def test_a_run_is_followed_payload_by_payload(inspector: Inspector, payloads: list[dict[str, Any]]) -> None:
    inspector.begin_run("q1")
    for payload in payloads[:2]:
        inspector.feed(payload)
    assert inspector.decision.header.title == "Decision 1 of 1"
    query = inspector.canvas.drawing.box_of("query")
    assert query is not None
    assert query.is_running
    inspector.end_run()
    assert not any(box.is_running for box in inspector.canvas.drawing.boxes)


def test_what_a_run_finds_appears_as_it_comes(inspector: Inspector, environment: Environment) -> None:
    inspector.begin_run("q1")
    environment.add_objects("query", "Orders", [{"name": "Order 1"}])
    inspector.feed({"type": "result", "query_id": "q1", "payload": {}})
    assert inspector.environment.header.chip == "12 objects"
    assert inspector.objects.shown_place == ("query", "Orders", 0)


def test_a_stored_turn_is_rebuilt(inspector: Inspector, payloads: list[dict[str, Any]]) -> None:
    inspector.show_turn(payloads)
    assert inspector.decision.header.title == "Decision 1 of 2"
    assert [box.node for box in inspector.canvas.drawing.boxes if box.is_taken] == [
        "base",
        "query",
        "text_response",
    ]
    inspector.clear_run()
    assert inspector.decision.header.title == "Decision"


def test_a_node_shows_its_decision_and_a_decision_its_node(
    inspector: Inspector, payloads: list[dict[str, Any]], qtbot: QtBot
) -> None:
    inspector.show_turn(payloads)
    box = inspector.canvas.drawing.box_of("text_response")
    assert box is not None
    place = inspector.canvas.box_rect(box).center().toPoint()
    qtbot.mouseClick(inspector.canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert inspector.decision.header.title == "Decision 2 of 2"
    qtbot.keyClick(inspector.decision, Qt.Key.Key_Left)
    assert inspector.canvas.selected_node == "query"


def test_a_step_selects_its_node_and_decision(inspector: Inspector, payloads: list[dict[str, Any]]) -> None:
    inspector.show_turn(payloads)
    assert inspector.select_step(1)
    assert inspector.canvas.selected_node == "text_response"
    assert inspector.decision.header.title == "Decision 2 of 2"
    assert not inspector.select_step(2)


def test_a_reference_is_selected_everywhere_and_the_tab_stays(inspector: Inspector, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(inspector.object_selected):
        assert inspector.select_ref(REF)
    assert inspector.current_tab == "run"
    inspector.set_current_tab("environment")
    assert inspector.environment.tree.currentIndex().data() == REF
    assert inspector.objects.shown_place == ("query", "Products", 0)
    assert not inspector.select_ref("nothing")


def test_an_object_chosen_in_the_tree_is_announced_once(inspector: Inspector, qtbot: QtBot) -> None:
    heard: list[str] = []
    inspector.object_selected.connect(heard.append)
    inspector.set_current_tab("environment")
    inspector.select_ref(REF)
    qtbot.keyClick(inspector.environment.tree, Qt.Key.Key_Down)
    assert heard == ["query_Products_1_4"]


def test_tabs_are_known_by_name(inspector: Inspector) -> None:
    for name in ("environment", "objects", "prompts", "run"):
        inspector.set_current_tab(name)
        assert inspector.current_tab == name
    inspector.set_current_tab("unknown")
    assert inspector.current_tab == "run"


def test_the_drawing_takes_what_it_needs_and_never_more_than_its_share(
    inspector: Inspector, payloads: list[dict[str, Any]]
) -> None:
    inspector.show_turn(payloads)
    assert inspector.canvas.height() == inspector.canvas.content_height
    inspector.resize(430, 400)
    assert inspector.canvas.height() <= 400 * CANVAS_SHARE


def test_everything_that_takes_the_focus_has_a_name(inspector: Inspector) -> None:
    for widget in inspector.findChildren(QWidget):
        own = not widget.objectName().startswith("qt_") and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        inner = "viewport" in widget.objectName() or type(widget).__name__ in ("QTabWidget", "QToolButton")
        if own and not inner:
            assert widget.accessibleName(), type(widget).__name__


@pytest.mark.parametrize("width", range(280, 440, 16))
def test_the_drawing_comes_to_rest_at_any_size(
    inspector: Inspector, payloads: list[dict[str, Any]], qtbot: QtBot, width: int
) -> None:
    inspector.show_turn(payloads)
    for height in (240, 300, 846):
        inspector.resize(width, height)
        drawn: list[None] = []
        inspector.canvas.height_changed.connect(lambda drawn=drawn: drawn.append(None))
        qtbot.wait(1)
        assert len(drawn) < 8


@pytest.fixture
def asked(inspector: Inspector) -> Inspector:
    """A run of two steps, whose second decision took two requests."""
    inspector.set_exchanges([exchange(number) for number in range(1, 5)])
    inspector.show_turn(
        [
            used("e1"),
            decided("query"),
            used("e2", purpose="query"),
            finished("query"),
            used("e3", "e4"),
            decided("text_response"),
            finished("text_response"),
        ]
    )
    return inspector


def test_a_step_chooses_its_first_prompt(asked: Inspector) -> None:
    asked.select_step(1)
    asked.set_current_tab("prompts")
    assert asked.prompts.detail.user.shown == "Question 3"
    asked.select_step(0)
    assert asked.prompts.detail.user.shown == "Question 1"


def test_a_node_and_a_decision_choose_their_first_prompt(asked: Inspector, qtbot: QtBot) -> None:
    box = asked.canvas.drawing.box_of("text_response")
    assert box is not None
    place = asked.canvas.box_rect(box).center().toPoint()
    qtbot.mouseClick(asked.canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert asked.prompts.shown is not None
    assert asked.prompts.shown.key == "e3"
    qtbot.keyClick(asked.decision, Qt.Key.Key_Left)
    assert asked.prompts.shown.key == "e1"


def test_a_request_that_no_payload_tells_of_is_shown_in_its_run_only(inspector: Inspector) -> None:
    inspector.set_exchanges([exchange(1, error="Stopped."), exchange(5)])
    inspector.show_turn([], at(0), at(5))
    assert [row.key for row in inspector.prompts.rows] == ["e1"]
    inspector.begin_run("q2", at(5))
    assert [row.key for row in inspector.prompts.rows] == ["e5"]
    inspector.clear_run()
    assert inspector.prompts.rows == []
