from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from elysia_desktop.ui.inspector.run_record import RunRecord
from elysia_desktop.ui.inspector.tree_canvas import TreeCanvas


@pytest.fixture
def canvas(qtbot: QtBot, tree: dict[str, Any]) -> TreeCanvas:
    canvas = TreeCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(430, 300)
    canvas.set_tree(tree)
    canvas.show()
    return canvas


def middle(canvas: TreeCanvas, node: str) -> QPoint:
    box = canvas.drawing.box_of(node)
    assert box is not None
    return canvas.box_rect(box).center().toPoint()


def test_a_click_selects_a_box(canvas: TreeCanvas, qtbot: QtBot) -> None:
    with qtbot.waitSignal(canvas.node_selected) as selected:
        qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=middle(canvas, "aggregate"))
    assert selected.args == ["aggregate"]


def test_arrow_keys_walk_the_tree(canvas: TreeCanvas, qtbot: QtBot) -> None:
    walked: list[str] = []
    canvas.node_selected.connect(walked.append)
    keys = Qt.Key
    for key in (keys.Key_Down, keys.Key_Right, keys.Key_Down, keys.Key_Right, keys.Key_Left, keys.Key_Left):
        qtbot.keyClick(canvas, key)
    assert walked == ["base", "visualise", "query", "post", "query", "base"]


def test_right_goes_to_what_was_taken(
    canvas: TreeCanvas, qtbot: QtBot, payloads: list[dict[str, Any]]
) -> None:
    canvas.show_run(RunRecord.of(payloads))
    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.selected_node == "query"


def test_selecting_from_outside_announces_nothing(canvas: TreeCanvas, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(canvas.node_selected):
        assert canvas.select_node("query")
        assert not canvas.select_node("unknown")
    assert canvas.selected_node == ""


def test_the_description_tells_the_path_and_the_selection(
    canvas: TreeCanvas, payloads: list[dict[str, Any]]
) -> None:
    canvas.show_run(RunRecord.of(payloads))
    canvas.select_node("query")
    assert canvas.accessibleName() == "Decision tree"
    assert canvas.accessibleDescription().startswith("Selected: query. 1. At base: query, 1.4 s;")


def test_only_a_run_under_way_moves_and_only_when_motion_is_wanted(
    canvas: TreeCanvas, payloads: list[dict[str, Any]]
) -> None:
    record = RunRecord("q1")
    canvas.show_run(record)
    assert canvas._frames.isActive()
    canvas.set_animated(False)
    assert not canvas._frames.isActive()
    canvas.set_animated(True)
    record.end()
    canvas.show_run(record)
    assert not canvas._frames.isActive()


def test_a_wide_tree_scrolls_and_shows_what_is_selected(canvas: TreeCanvas) -> None:
    canvas.resize(150, 300)
    assert canvas.horizontalScrollBar().maximum() > 0
    canvas.select_node("post")
    box = canvas.drawing.box_of("post")
    assert box is not None
    assert canvas.viewport().rect().toRectF().contains(canvas.box_rect(box))


def test_the_height_follows_the_tree(
    canvas: TreeCanvas, qtbot: QtBot, payloads: list[dict[str, Any]]
) -> None:
    before = canvas.content_height
    with qtbot.waitSignal(canvas.height_changed):
        canvas.show_run(RunRecord.of(payloads))
    assert canvas.content_height > before
    canvas.grab()  # paints without a Qt warning


def test_without_a_tree_it_says_what_will_come(qtbot: QtBot) -> None:
    canvas = TreeCanvas()
    qtbot.addWidget(canvas)
    assert "Ask something" in canvas.accessibleDescription()
    qtbot.keyClick(canvas, Qt.Key.Key_Down)
    canvas.grab()
    assert canvas.selected_node == ""
