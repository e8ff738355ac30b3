"""A conversation's turns are messages of a state manager, and what is done to the messages is done to the turns."""

import pytest
from services.scripts import answers, opened

from elysia_desktop.core.objects import Response
from elysia_desktop.core.payloads import Warning as Notice
from elysia_desktop.core.payloads import envelope
from elysia_desktop.services.conversation_home import SEGMENTS, ConversationHome
from elysia_desktop.state import FunctionCall, MemoryHome, Message, Role
from elysia_desktop.state.exchanges import TOOL_CALLS

CALL = {TOOL_CALLS: [Message.ASSISTANT(func_calls=[FunctionCall("c", "f")]).to_dict()]}


@pytest.fixture
async def conversations(tmp_path):
    workspace = await opened(tmp_path / "profile")
    yield workspace.conversations
    await workspace.close()


async def begun(conversations, *texts):
    """A conversation with a turn per tuple of answers; the last one is under way."""
    conversation = await conversations.create("x")
    for number, given in enumerate(texts):
        query_id = f"q{number}"
        await conversations.begin_turn(conversation.id, query_id, f"Question {number}?", ())
        for place, text in enumerate(given):
            told = Response(text)
            told.message_id = f"a{number}{place}"
            payload = await told.to_frontend("", conversation.id, query_id)
            await conversations.append(query_id, [payload])
        if number < len(texts) - 1:
            await conversations.end_turn(query_id, 1.0)
    return home_of(conversations, conversation.id, f"q{len(texts) - 1}")


def home_of(conversations, conversation_id, query_id="q1", answer_id="answer"):
    documents = MemoryHome().documents
    return ConversationHome(conversations, conversation_id, documents, query_id=query_id, answer_id=answer_id)


async def said(home):
    return [(message.role.value, message.content) for message in await home.messages()]


async def turns_of(conversations):
    (conversation,) = await conversations.list()
    return await conversations.turns(conversation.id)


async def test_questions_and_answers_are_messages_in_their_order(conversations):
    home = await begun(conversations, ["One."], ["Two.", "And more."], [])
    assert await said(home) == [
        ("user", "Question 0?"),
        ("assistant", "One."),
        ("user", "Question 1?"),
        ("assistant", "Two.\n\nAnd more."),
        ("user", "Question 2?"),
    ]
    ids = [message.id for message in await home.messages()]
    assert ids == ["q0", "a00", "q1", "a11", "q2"]


async def test_an_answer_that_was_cut_is_what_was_written_of_it(conversations):
    home = await begun(conversations, [], [])
    await conversations.keep_writing("q0", "m", "It was about")
    assert (await said(home))[1] == ("assistant", "It was about")


async def test_progress_and_other_payloads_are_no_messages(conversations):
    home = await begun(conversations, ["One."], [])
    update = Response("Looking.", metadata={"update": True})
    await conversations.append("q0", [await update.to_frontend("", "c", "q0")])
    await conversations.append("q0", [envelope("status", {"text": "x"}, "", "c", "q0")])
    assert await said(home) == [
        ("user", "Question 0?"),
        ("assistant", "One."),
        ("user", "Question 1?"),
    ]


async def test_warnings_are_notices_which_no_model_is_told(conversations):
    home = await begun(conversations, ["One."], [])
    await conversations.append("q0", [await Notice("Mind the gap.").to_frontend("", "c", "q0")])
    (notice,) = [message for message in await home.messages() if message.role is Role.NOTICE]
    assert notice.content == "Mind the gap."
    await home.save([notice.copy(content="Mind it.")])
    assert ("notice", "Mind it.") in await said(home)
    assert await home.delete([notice.id]) == 1
    assert Role.NOTICE not in [message.role for message in await home.messages()]


async def test_what_an_answer_cites_comes_with_it(conversations):
    home = await begun(conversations, [], [])
    objects = [{"text": "A.", "ref_ids": ["r"]}, {"text": " B.", "ref_ids": []}]
    body = {"type": "text_with_citations", "metadata": {}, "objects": objects}
    await conversations.append("q0", [envelope("text", body, "", "c", "q0", "m")])
    _, answer, _ = await home.messages()
    assert (answer.content, answer.extra) == ("A. B.", {SEGMENTS: objects})


async def test_calls_are_kept_with_their_question_and_saving_twice_changes_nothing(conversations):
    home = await begun(conversations, ["One."], [])
    question = (await home.messages())[0]
    question.extra = CALL
    for _ in range(2):
        await home.save([question])
    assert [turn.extra for turn in await turns_of(conversations)] == [CALL, {}]
    assert (await home.messages())[0].extra == CALL


async def test_another_text_takes_the_place_of_an_answer(conversations):
    home = await begun(conversations, ["One.", "More."], [])
    answer = (await home.messages())[1]
    await home.save([answer.copy(content="Another.")])
    assert (await said(home))[1] == ("assistant", "Another.")
    assert home.has_changed
    (turn, _) = await turns_of(conversations)
    assert [text for text in answers(turn.payloads) if text] == ["Another."]


async def test_the_answer_under_way_is_left_to_whoever_shows_it(conversations):
    home = await begun(conversations, ["One."], [])
    await home.save([Message.ASSISTANT("So far", id="answer"), Message.NOTICE("Shown.")])
    assert await said(home) == [
        ("user", "Question 0?"),
        ("assistant", "One."),
        ("user", "Question 1?"),
    ]
    assert not home.has_changed


async def test_new_messages_are_added(conversations):
    home = await begun(conversations, [], [])
    more = [Message.ASSISTANT("By the way.", id="b"), Message.USER("And?", id="u", extra=CALL)]
    for _ in range(2):
        await home.save(more)
    assert await said(home) == [
        ("user", "Question 0?"),
        ("user", "Question 1?"),
        ("assistant", "By the way."),
        ("user", "And?"),
    ]
    assert (await turns_of(conversations))[-1].extra == CALL
    assert await home_of(conversations, (await conversations.list())[0].id).delete(["b"]) == 1


async def test_a_question_goes_with_its_answer_and_an_answer_alone(conversations):
    home = await begun(conversations, ["One."], ["Two."], ["Three."], [])
    assert await home.delete(["q0", "a00", "a10", "unknown"]) == 3
    assert await said(home) == [
        ("user", "Question 1?"),
        ("user", "Question 2?"),
        ("assistant", "Three."),
        ("user", "Question 3?"),
    ]


async def test_the_question_under_way_stays_so_that_its_answer_can_be_kept(conversations):
    home = await begun(conversations, ["One."], ["So far."])
    ids = [message.id for message in await home.messages()]
    assert await home.delete(ids) == 4
    assert await said(home) == [("user", "Question 1?")]
    await conversations.append("q1", [await Response("Kept.").to_frontend("", "c", "q1")])


async def test_storage_is_the_conversations(conversations):
    home = await begun(conversations, [])
    assert await home.storage() == {}
    await home.save_storage({"a": 1})
    other = home_of(conversations, (await conversations.list())[0].id)
    assert await other.storage() == {"a": 1}
