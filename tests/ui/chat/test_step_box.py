from elysia_desktop.ui.chat.step_box import StepBox
from elysia_desktop.ui.chat.steps import Step


def test_a_screen_reader_hears_tool_finding_and_state(qtbot):
    box = StepBox(Step(0, "query", "Products · 10 objects", 1.4, "failed"))
    qtbot.addWidget(box)
    assert box.accessibleName() == "query, Products · 10 objects · 1.4 s, failed"


def test_the_dot_beats_only_while_the_step_runs_and_is_seen(qtbot):
    box = StepBox(Step(0, "query"))
    qtbot.addWidget(box)
    running = box._beat.State.Running
    assert box._beat.state() != running
    box.show()
    assert box._beat.state() == running
    box.show_step(Step(0, "query", state="done"))
    assert box._beat.state() != running


def test_every_state_is_drawn(qtbot):
    for state in ("running", "done", "failed", "stopped"):
        box = StepBox(Step(0, "query", "5 groups", 1.0, state))
        qtbot.addWidget(box)
        box.resize(60, 26)
        assert not box.grab().isNull()
