import pytest
from PySide6.QtCore import Qt
from ui.chat.runs import decision, finished
from ui.inspector.calls_samples import a_loop, called, returned

from elysia_desktop.ui.chat.step_box import StepBox
from elysia_desktop.ui.chat.steps import StepsModel, StepsStrip


def test_a_step_runs_until_its_tool_has_ended():
    model = StepsModel()
    model.apply(decision("base", "query"))
    assert [(step.node, step.state) for step in model.steps] == [("query", "running")]
    model.apply(finished("query", 1.4, "Products · 2 objects"))
    assert (model.steps[0].state, model.steps[0].found, model.steps[0].seconds) == (
        "done",
        "Products · 2 objects",
        1.4,
    )


def test_the_way_through_a_branch_is_one_step_with_the_index_of_its_last_decision():
    model = StepsModel()
    model.apply(decision("base", "search"))
    model.apply(decision("search", "query"))
    assert [(step.node, step.index) for step in model.steps] == [("query", 1)]


def test_the_same_tool_twice_is_two_steps():
    model = StepsModel()
    for _ in range(2):
        model.apply(decision("base", "query"))
        model.apply(finished("query", failed=not model.steps[1:]))
    assert [step.state for step in model.steps] == ["failed", "done"]


def test_a_step_that_never_ended_was_stopped():
    model = StepsModel()
    model.apply(decision("base", "query"))
    model.end()
    assert model.steps[0].state == "stopped"


def test_a_tool_that_nobody_chose_is_a_step_as_well():
    model = StepsModel()
    model.apply(finished("query"))
    assert [(step.node, step.index, step.state) for step in model.steps] == [("query", 0, "done")]


@pytest.fixture
def strip(qtbot):
    strip = StepsStrip()
    qtbot.addWidget(strip)
    for node in ("query", "aggregate", "cited_summarize"):
        strip.apply(decision("base", node))
        strip.apply(finished(node, found="Products · 10 objects"))
    strip.resize(1200, 40)
    strip.show()
    return strip


def test_clicking_a_step_tells_its_index(strip, qtbot):
    box = strip.findChildren(StepBox)[1]
    with qtbot.waitSignal(strip.step_selected) as selected:
        qtbot.mouseClick(box, Qt.MouseButton.LeftButton)
    assert selected.args == [1]


def test_a_step_is_chosen_from_the_keyboard(strip, qtbot):
    box = strip.findChildren(StepBox)[2]
    box.setFocus()
    with qtbot.waitSignal(strip.step_selected) as selected:
        qtbot.keyClick(box, Qt.Key.Key_Space)
    assert selected.args == [2]


def test_steps_wrap_when_the_strip_is_narrow(strip, qtbot):
    boxes = strip.findChildren(StepBox)
    qtbot.waitUntil(lambda: len({box.y() for box in boxes}) == 1)
    strip.resize(260, 200)
    qtbot.waitUntil(lambda: len({box.y() for box in boxes}) == 3)
    assert strip.heightForWidth(260) > strip.heightForWidth(1200)


def test_an_empty_strip_takes_no_room(qtbot):
    strip = StepsStrip()
    qtbot.addWidget(strip)
    assert not strip.isVisibleTo(strip.parentWidget())


def test_calls_of_the_first_level_are_the_steps_of_a_run_by_functions():
    model = StepsModel()
    for each in a_loop()[:7]:
        model.apply(each)
    assert [(step.node, step.state, step.index) for step in model.steps] == [
        ("search_documents", "done", 0),
        ("summarize_document", "running", 1),
    ]
    for each in a_loop()[7:-1]:
        model.apply(each)
    assert [(step.state, step.seconds) for step in model.steps] == [("done", 0.4), ("done", 3.1)]


def test_a_call_of_a_tool_of_the_tree_tells_what_it_found_and_a_skipped_one_was_stopped():
    model = StepsModel()
    for each in (called("c1", "query"), finished("query", found="Products · 2"), called("c2", "aggregate")):
        model.apply(each)
    model.apply(returned("c1"))
    model.apply(returned("c2", outcome="skipped"))
    assert [(step.found, step.state) for step in model.steps] == [("Products · 2", "done"), ("", "stopped")]
