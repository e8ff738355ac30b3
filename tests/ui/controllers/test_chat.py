import asyncio
from datetime import UTC, datetime
from itertools import count

import pytest
from support.profile_in_memory import answer, said, until
from ui.inspector.prompts_samples import exchange, used

from elysia_desktop.core.errors import StoreUnreachable
from elysia_desktop.ui.controllers.chat import ChatController


@pytest.fixture
def chat(window, workspace, tasks):
    numbers = count(1)
    controller = ChatController(window.page, window.inspector, workspace, tasks, lambda: f"q{next(numbers)}")
    controller.ready.set()
    return controller


def view(window, query_id):
    return window.page.timeline.view_of(query_id)


async def test_the_first_question_begins_a_conversation_named_after_it(chat, window, workspace):
    workspace.asking.replies = [[answer("Yes.")]]
    window.page.asked.emit("Are there tents?", ["Products"])
    await until(lambda: not window.page.composer.running and workspace.asking.asked)
    assert workspace.asking.asked == [("c1", "Are there tents?", ["Products"])]
    assert chat.current == "c1"
    assert window.page.header.title == "Are there tents"
    assert view(window, "q1").answer == "Yes."


async def test_a_question_waits_until_there_is_data(chat, window, workspace):
    chat.ready.clear()
    workspace.asking.replies = [[answer("Yes.")]]
    window.page.asked.emit("Are there tents?", [])
    for _ in range(5):
        await asyncio.sleep(0)
    assert window.page.composer.running
    assert workspace.asking.asked == []
    chat.ready.set()
    await until(lambda: not window.page.composer.running)
    assert view(window, "q1").answer == "Yes."


async def test_stopping_cancels_the_run_and_says_so(chat, window, workspace):
    workspace.asking.replies = [[said("status", {"text": "Searching…"}), asyncio.Event()], [answer("Hello.")]]
    window.page.asked.emit("A long one", [])
    await until(lambda: workspace.asking.asked)
    window.page.stopped.emit()
    await until(lambda: workspace.asking.cancelled == 1 and not window.page.composer.running)
    assert view(window, "q1")._footer.summary.startswith("Stopped")
    window.page.asked.emit("The next one", [])
    await until(lambda: not window.page.composer.running)
    assert view(window, "q2").answer == "Hello."
    assert [asked[0] for asked in workspace.asking.asked] == ["c1", "c1"]


async def test_a_failure_gives_the_question_back_and_says_what_happened(chat, window, workspace):
    workspace.asking.replies = [[StoreUnreachable("Nothing answers.", "Start it.")]]
    window.page.asked.emit("Are there tents?", [])
    await until(lambda: window.page.notice is not None)
    assert window.page.notice.text == "Nothing answers."
    assert window.page.composer.draft == "Are there tents?"
    assert not window.page.composer.running


async def test_a_second_question_does_not_start_beside_the_first(chat, window, workspace):
    workspace.asking.replies = [[asyncio.Event()]]
    window.page.asked.emit("One", [])
    await until(lambda: workspace.asking.asked)
    chat.ask("Two")
    assert len(window.page.timeline.turns) == 1
    chat.stop()
    await until(lambda: workspace.asking.cancelled)


async def test_a_run_goes_on_while_another_conversation_is_open(chat, window, workspace, tasks):
    gate = asyncio.Event()
    workspace.asking.replies = [[gate, answer("Late.")]]
    window.page.asked.emit("A long one", [])
    await until(lambda: workspace.asking.asked)
    chat.begin()
    assert window.page.timeline.turns == []
    assert not window.page.composer.running
    gate.set()
    await until(lambda: not tasks.is_running("ask:q1"))
    assert window.page.timeline.turns == []
    assert workspace.asking.cancelled == 0


async def test_a_conversation_that_still_runs_is_shown_with_what_came_so_far(chat, window, workspace, tasks):
    gate = asyncio.Event()
    workspace.asking.replies = [
        [said("text_delta", {"message_id": "m", "delta": "So far"}), gate, answer("Whole.")]
    ]
    window.page.asked.emit("A long one", [])
    await until(lambda: chat._live and chat._live.get("c1") and chat._live["c1"].payloads)
    workspace.conversations.turns_of["c1"] = [chat._live["c1"]]
    chat.begin()
    chat.open("c1", "A long one")
    await until(lambda: window.page.timeline.turns)
    assert window.page.composer.running
    assert view(window, "q1").answer == "So far"
    gate.set()
    await until(lambda: not window.page.composer.running)
    assert "Whole." in view(window, "q1").answer


async def test_a_new_conversation_shows_nothing_of_the_one_before(chat, window, workspace, tasks):
    workspace.asking.replies = [[answer("Yes.")]]
    window.page.asked.emit("Are there tents?", [])
    await until(lambda: workspace.asking.asked and not window.page.composer.running)
    chat.begin()
    await until(lambda: not tasks.is_running("open"))
    assert window.page.header.title == "New conversation"
    assert window.inspector.environment.header is not None
    assert chat.current == ""


async def test_tokens_are_told(chat, window, workspace):
    spent = []
    chat.spent.connect(lambda read, written: spent.append((read, written)))
    used = {
        "purpose": "decision",
        "model": "m",
        "seconds": 1.0,
        "input_tokens": 30,
        "output_tokens": 4,
        "attempts": 1,
    }
    workspace.asking.replies = [[said("model_used", {**used, "cost": None, "options": []}), answer("Yes.")]]
    window.page.asked.emit("Are there tents?", [])
    await until(lambda: workspace.asking.asked and not window.page.composer.running)
    assert spent == [(30, 4)]


async def test_asking_again_repeats_the_question(chat, window, workspace):
    workspace.asking.replies = [[answer("Yes.")], [answer("Still yes.")]]
    window.page.asked.emit("Are there tents?", [])
    await until(lambda: workspace.asking.asked and not window.page.composer.running)
    window.page.run_again.emit("q1")
    await until(lambda: len(workspace.asking.asked) == 2 and not window.page.composer.running)
    assert workspace.asking.asked[1][1] == "Are there tents?"


async def test_two_questions_of_the_same_moment_are_one_run(chat, window, workspace):
    workspace.asking.replies = [[answer("Yes.")], [answer("Never asked.")]]
    chat.ask("One")
    chat.ask("Two")
    await until(lambda: not window.page.composer.running and workspace.asking.asked)
    assert [asked[1] for asked in workspace.asking.asked] == ["One"]


async def test_another_new_conversation_can_be_begun_while_a_question_waits_for_data(chat, window, workspace):
    chat.ready.clear()
    workspace.asking.replies = [[answer("First.")], [answer("Second.")]]
    chat.ask("One")
    chat.begin()
    chat.ask("Two")
    assert [turn.prompt for turn in window.page.timeline.turns] == ["Two"]
    chat.ready.set()
    await until(lambda: len(workspace.asking.asked) == 2 and not window.page.composer.running)
    assert {asked[0] for asked in workspace.asking.asked} == {"c1", "c2"}
    assert [turn.prompt for turn in window.page.timeline.turns] == ["Two"]


async def test_a_question_that_is_not_kept_yet_stays_when_its_conversation_is_opened_again(
    chat, window, workspace
):
    workspace.asking.replies = [[asyncio.Event()]]
    window.page.asked.emit("A long one", [])
    await until(lambda: workspace.asking.asked)
    chat.begin()
    chat.open("c1", "A long one")  # the store knows of no turn so far
    await until(lambda: window.page.timeline.turns)
    assert [turn.prompt for turn in window.page.timeline.turns] == ["A long one"]
    chat.stop()
    await until(lambda: workspace.asking.cancelled)


async def test_prompts_are_shown_while_the_run_goes_on(chat, window, workspace):
    rest = asyncio.Event()
    workspace.asking.kept = {"c1": [exchange(1)]}
    workspace.asking.replies = [[used("e1"), rest, answer("Yes.")]]
    window.page.asked.emit("Are there tents?", [])
    await until(lambda: window.inspector.prompts.rows)
    assert window.page.composer.running
    assert window.inspector.prompts.rows[0].exchange == exchange(1)
    rest.set()
    await until(lambda: not window.page.composer.running)


async def test_a_request_that_was_stopped_is_shown(chat, window, workspace):
    workspace.asking.replies = [[asyncio.Event()]]
    window.page.asked.emit("A long one", [])
    await until(lambda: workspace.asking.asked)
    stopped = exchange(1, at=datetime.now(UTC), error="Stopped.")
    workspace.asking.kept = {"c1": [stopped]}
    window.page.stopped.emit()
    await until(lambda: not window.page.composer.running)
    await until(lambda: window.inspector.prompts.rows)
    assert window.inspector.prompts.rows[0].exchange is stopped


async def test_the_prompts_of_another_conversation_are_not_shown(chat, window, workspace):
    workspace.asking.kept = {"c1": [exchange(1)]}
    workspace.asking.replies = [[used("e1"), answer("Yes.")]]
    window.page.asked.emit("Are there tents?", [])
    await until(lambda: not window.page.composer.running and window.inspector.prompts.rows)
    chat.begin()
    assert window.inspector.prompts.rows == []
