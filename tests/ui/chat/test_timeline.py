import pytest
from ui.chat.runs import RememberingCard, a_run, a_turn, decision, delta, payload

from elysia_desktop.ui.chat.answer import AnswerView
from elysia_desktop.ui.chat.timeline import Timeline


@pytest.fixture
def timeline(qtbot):
    timeline = Timeline(make_card=RememberingCard)
    qtbot.addWidget(timeline)
    timeline.resize(800, 600)
    timeline.show()
    return timeline


def many(count=200):
    return [a_turn(f"q{number}", a_run()) for number in range(count)]


def built(timeline):
    return [turn.query_id for turn in timeline.turns if timeline.view_of(turn.query_id) is not None]


def at_end(timeline):
    bar = timeline.verticalScrollBar()
    return bar.maximum() > 0 and bar.value() == bar.maximum()


def test_it_opens_at_the_newest_turn_and_builds_few(timeline, qtbot):
    timeline.set_turns(many())
    qtbot.waitUntil(lambda: at_end(timeline) and len(built(timeline)) > 2)
    qtbot.wait(200)
    assert "q199" in built(timeline)
    assert len(built(timeline)) < 20


def test_older_turns_are_built_when_they_are_scrolled_to(timeline, qtbot):
    timeline.set_turns(many())
    qtbot.waitUntil(lambda: at_end(timeline))
    timeline.verticalScrollBar().setValue(0)
    qtbot.waitUntil(lambda: timeline.view_of("q0") is not None)
    qtbot.waitUntil(lambda: timeline.view_of("q199") is None)
    assert not timeline.follows


def test_what_is_read_does_not_jump_when_turns_above_are_built(timeline, qtbot):
    timeline.set_turns(many())
    qtbot.waitUntil(lambda: at_end(timeline))
    timeline.verticalScrollBar().setValue(timeline.verticalScrollBar().maximum() // 2)
    _, offset = timeline._anchor
    qtbot.wait(500)
    place, offset_after = timeline._anchor
    assert offset_after == offset
    assert timeline.verticalScrollBar().value() == place.y() + offset


def test_payloads_of_a_turn_without_a_view_are_not_lost(timeline, qtbot):
    turns = many(60)
    turns[0] = a_turn("q0", [], seconds=None)
    timeline.set_turns(turns, running="q0")
    timeline.apply("q0", delta("late"))
    timeline.verticalScrollBar().setValue(0)
    qtbot.waitUntil(lambda: at_end(timeline))
    timeline.verticalScrollBar().setValue(0)
    qtbot.waitUntil(lambda: timeline.view_of("q0") is not None)
    assert timeline.view_of("q0").answer == "late"


def test_it_stays_at_the_end_while_text_arrives(timeline, qtbot):
    timeline.set_turns(many(5))
    timeline.add_turn(a_turn("new", seconds=None))
    for number in range(80):
        timeline.apply("new", delta(f"line {number}\n\n"))
        qtbot.wait(2)
    qtbot.waitUntil(lambda: timeline.view_of("new").findChild(AnswerView).height() > 600)
    qtbot.waitUntil(lambda: at_end(timeline))


def test_it_stays_where_the_person_scrolled_to(timeline, qtbot):
    timeline.set_turns(many(5))
    timeline.add_turn(a_turn("new", seconds=None))
    qtbot.waitUntil(lambda: at_end(timeline))
    qtbot.wait(200)
    timeline.verticalScrollBar().setValue(timeline.verticalScrollBar().value() - 200)
    _, offset = timeline._anchor
    for number in range(40):
        timeline.apply("new", delta(f"line {number}\n\n"))
    qtbot.wait(200)
    assert timeline.verticalScrollBar().value() == timeline._anchor[0].y() + offset
    assert not timeline.follows
    timeline.scroll_to_end()
    assert at_end(timeline)


def test_a_new_turn_brings_the_person_to_the_end(timeline, qtbot):
    timeline.set_turns(many(5))
    qtbot.waitUntil(lambda: at_end(timeline))
    timeline.verticalScrollBar().setValue(0)
    timeline.add_turn(a_turn("new", seconds=None))
    qtbot.waitUntil(lambda: at_end(timeline))


def test_signals_say_which_turn(timeline, qtbot):
    timeline.set_turns([a_turn("q7", a_run())])
    with qtbot.waitSignal(timeline.step_selected) as selected:
        timeline.view_of("q7").step_selected.emit("q7", 1)
    assert selected.args == ["q7", 1]


def test_a_payload_of_another_conversation_is_passed_over(timeline):
    timeline.set_turns([a_turn("q1", a_run())])
    timeline.apply("elsewhere", decision("base", "query"))
    assert len(timeline.turns) == 1


def test_a_completed_turn_no_longer_runs_when_it_is_built_anew(timeline, qtbot):
    turn = a_turn("q1", seconds=None)
    timeline.add_turn(turn)
    timeline.apply("q1", payload("completed", {}))
    turn.seconds = 2.0
    timeline.finish("q1")
    timeline.set_turns([turn])
    assert timeline.view_of("q1") is not None


def test_the_column_is_centred_and_at_most_760_wide(timeline, qtbot):
    timeline.set_turns(many(3))
    timeline.resize(1400, 600)
    view = timeline.view_of("q2")
    qtbot.waitUntil(lambda: view.width() == 760 + 8)
    assert view.x() == (1400 - 760) // 2 - 8
