from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QToolButton
from support.profile_in_memory import answer, until

from elysia_desktop.core.conversation import Turn
from elysia_desktop.core.errors import StoreError
from elysia_desktop.ui.controllers.chat import ChatController
from elysia_desktop.ui.controllers.feedback import FeedbackController


class Feedback:
    """Keeps ratings in memory, and fails where the test says so."""

    def __init__(self):
        self.ratings = {}
        self.cases = set()
        self.failure = None
        self.problem = ""
        self.copied = 0

    async def rate(self, conversation_id, query_id, rating):
        if self.failure is not None:
            raise self.failure
        self.ratings[conversation_id, query_id] = rating

    async def mark(self, conversation_id, turns):
        for turn in turns:
            turn.rating = self.ratings.get((conversation_id, turn.query_id), 0)
            turn.kept_as_case = turn.query_id in self.cases

    async def keep_as_case(self, conversation_id, query_id):
        if self.failure is not None:
            raise self.failure
        self.cases.add(query_id)
        return Path("cases/which-boats-1.json")

    async def drop_case(self, query_id):
        self.cases.discard(query_id)

    async def copy(self):
        self.copied += 1
        return self.problem


@pytest.fixture
def feedback():
    return Feedback()


@pytest.fixture
def errors(tasks):
    told = []
    tasks.failed.connect(lambda _, error: told.append(str(error)))
    return told


@pytest.fixture
async def controller(window, workspace, tasks, feedback):
    """Connected to a conversation with one answered question, which is open."""
    chat = ChatController(window.page, window.inspector, workspace, tasks, lambda: "q")
    controller = FeedbackController(window.page, chat, feedback, tasks)
    made = await workspace.conversations.create("Boats")
    turn = Turn("q1", "Which boats?", datetime.now(UTC), [answer("Two.")], 1.0)
    workspace.conversations.turns_of[made.id] = [turn]
    chat.open(made.id, made.title)
    await until(lambda: not tasks.is_running("open") and not tasks.is_running("show ratings"))
    yield controller
    await tasks.close()


def button(window, name):
    view = window.page.timeline.view_of("q1")
    return next(one for one in view.findChildren(QToolButton) if one.accessibleName() == name)


async def settled(tasks):
    names = ("rate:q1", "case:q1", "copy ratings", "show ratings", "open")
    await until(lambda: not any(tasks.is_running(name) for name in names))


async def test_a_thumb_keeps_the_rating_and_copies_it(controller, window, tasks, feedback):
    button(window, "Very good answer").click()
    await settled(tasks)
    assert feedback.ratings == {("c1", "q1"): 2}
    assert feedback.copied == 1
    button(window, "Very good answer").click()
    await settled(tasks)
    assert feedback.ratings == {("c1", "q1"): 0}


async def test_a_rating_is_shown_when_the_conversation_is_opened_again(controller, window, tasks, feedback):
    feedback.ratings["c1", "q1"] = -1
    feedback.cases.add("q1")
    controller._chat.begin()
    controller._chat.open("c1", "Boats")
    await settled(tasks)
    assert button(window, "Bad answer").isChecked()
    assert button(window, "What to do with a bad answer").menu().actions()[0].isChecked()


async def test_a_rating_that_cannot_be_kept_is_not_shown(controller, window, tasks, feedback, errors):
    feedback.failure = StoreError("The disk is full.")
    button(window, "Good answer").click()
    await settled(tasks)
    assert errors == ["The disk is full."]
    assert not button(window, "Good answer").isChecked()


async def test_a_copy_that_fails_is_told_once_and_the_rating_stays(controller, window, tasks, feedback):
    feedback.problem = "The copy will follow."
    button(window, "Good answer").click()
    await settled(tasks)
    assert window.page.notice.text == "The copy will follow."
    assert button(window, "Good answer").isChecked()
    window.page.close_notice()
    button(window, "Bad answer").click()
    await settled(tasks)
    assert window.page.notice is None


async def test_at_the_start_a_copy_that_fails_is_not_told(controller, window, tasks, feedback):
    feedback.problem = "The copy will follow."
    controller.copy(tell=False)
    await settled(tasks)
    assert window.page.notice is None
    button(window, "Good answer").click()
    await settled(tasks)
    assert window.page.notice.text == "The copy will follow."


async def test_a_bad_answer_is_kept_as_a_case_and_let_go(controller, window, tasks, feedback):
    button(window, "Bad answer").click()
    (keep,) = button(window, "What to do with a bad answer").menu().actions()
    keep.trigger()
    await settled(tasks)
    assert feedback.cases == {"q1"}
    assert window.page.notice.text == "Kept as a regression case."
    keep.trigger()
    await settled(tasks)
    assert feedback.cases == set()


async def test_a_case_that_cannot_be_kept_is_not_shown_as_kept(controller, window, tasks, feedback, errors):
    button(window, "Bad answer").click()
    await settled(tasks)
    feedback.failure = StoreError("The disk is full.")
    (keep,) = button(window, "What to do with a bad answer").menu().actions()
    keep.trigger()
    await settled(tasks)
    assert errors == ["The disk is full."]
    assert not keep.isChecked()
