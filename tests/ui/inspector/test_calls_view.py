import pytest
from PySide6.QtCore import QModelIndex, Qt
from ui.inspector.calls_samples import a_loop, called, returned

from elysia_desktop.ui.inspector.calls_model import CallsModel
from elysia_desktop.ui.inspector.function_calls import FunctionCalls
from elysia_desktop.ui.inspector.inspector import Inspector


def rows(model, parent=None):
    parent = parent or QModelIndex()
    indices = [model.index(row, 0, parent) for row in range(model.rowCount(parent))]
    return [(index.data(), rows(model, index)) for index in indices]


@pytest.fixture
def inspector(qtbot, tree, environment):
    inspector = Inspector()
    qtbot.addWidget(inspector)
    inspector.resize(430, 846)
    inspector.set_tree(tree)
    inspector.set_environment(environment, {})
    inspector.show()
    return inspector


def test_the_model_is_sound_while_calls_come_in(qtmodeltester):
    model, calls = CallsModel(), FunctionCalls()
    qtmodeltester.check(model)
    for payload in a_loop():
        calls.feed(payload["type"], payload["payload"])
        model.show_calls(calls)
        qtmodeltester.check(model)
    assert [name for name, _ in rows(model)] == ["search_documents", "summarize_document"]
    inner = rows(model)[1][1]
    assert inner == [
        ("read_document", []),
        ("ask_collections", [("query", []), ("cited_summarize", [])]),
    ]
    assert "failed" in model.index(0, 0, model.index(1, 0)).data(Qt.ItemDataRole.AccessibleTextRole)
    model.show_calls(None)
    assert rows(model) == []


def test_calls_take_the_place_of_the_tree_and_follow_the_run(inspector):
    run = inspector.run
    inspector.begin_run("q1")
    assert not run.shows_calls
    for payload in a_loop()[:4]:
        inspector.feed(payload)
    assert run.shows_calls
    assert run.calls.isVisible()
    assert not inspector.canvas.isVisible()
    assert run.calls.shown.name == "read_document"
    assert run.call.header.title == "read_document"
    assert "running…" in run.call.outcome
    for payload in a_loop()[4:]:
        inspector.feed(payload)
    assert run.calls.header.chip == "4 calls · 3.5 s"
    inspector.begin_run("q2")
    assert not run.shows_calls
    assert inspector.canvas.isVisible()


def test_a_stored_run_is_shown_from_its_first_call_with_arguments_and_result(inspector):
    inspector.show_turn(a_loop())
    detail = inspector.run.call
    assert detail.header.title == "search_documents"
    assert detail.header.chip == "0.4 s"
    assert '"text": "arch"' in detail.arguments.shown
    assert detail.result.shown == "[source1] The engineer lived there."
    assert not detail.reasoning.isVisible()


def test_the_keyboard_goes_through_the_calls_and_closes_them(inspector, qtbot):
    inspector.show_turn(a_loop())
    tree = inspector.run.calls.tree
    tree.setFocus()
    for _ in range(2):
        qtbot.keyClick(tree, Qt.Key.Key_Down)
    assert inspector.run.call.header.title == "read_document"
    assert "failed" in inspector.run.call.outcome
    qtbot.keyClick(tree, Qt.Key.Key_Up)
    assert tree.isExpanded(tree.currentIndex())
    qtbot.keyClick(tree, Qt.Key.Key_Left)
    assert not tree.isExpanded(tree.currentIndex())


def test_what_the_person_chose_stays_while_more_comes(inspector):
    inspector.begin_run("q1")
    for payload in a_loop()[:2]:
        inspector.feed(payload)
    assert inspector.select_step(0)
    inspector.feed(called("c2", "another"))
    inspector.feed(returned("c2"))
    assert inspector.run.calls.shown.name == "search_documents"


def test_a_step_of_the_strip_selects_its_call(inspector):
    inspector.show_turn(a_loop())
    assert inspector.select_step(1)
    assert inspector.run.call.header.title == "summarize_document"
    assert not inspector.select_step(2)


def test_rows_are_painted_in_both_directions(inspector, qtbot):
    inspector.show_turn(a_loop())
    for direction in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
        inspector.setLayoutDirection(direction)
        qtbot.wait(1)
        image = inspector.run.calls.tree.grab().toImage()
        assert len({image.pixelColor(x, 13).name() for x in range(image.width())}) > 3
