"""Conversations for tests, and strategies that make them."""

from hypothesis import settings
from hypothesis import strategies as st

from elysia_desktop.state.messages import FunctionCall, Message, Role

LAWS = settings(max_examples=60, deadline=None)
TEXTS = st.text(max_size=40)


def called(*names, text="", ids=None):
    """An assistant's message that calls these functions."""
    ids = ids or [f"c-{name}" for name in names]
    calls = [FunctionCall(call_id, name, "{}") for name, call_id in zip(names, ids, strict=True)]
    return Message.ASSISTANT(text, calls)


def result(call_id, text="found"):
    return Message.TOOL(text, tool_call_id=call_id, name=call_id.removeprefix("c-"))


@st.composite
def batches(draw):
    """Calls, and an answer to each, in order."""
    count = draw(st.integers(1, 3))
    names = [draw(st.sampled_from(["read", "search", "count"])) for _ in range(count)]
    ids = [f"c{draw(st.integers(0, 10**9))}-{number}" for number in range(count)]
    answers = [Message.TOOL(draw(TEXTS), tool_call_id=call_id, name="f") for call_id in ids]
    return [called(*names, ids=ids, text=draw(st.sampled_from(["", "Looking."]))), *answers]


@st.composite
def turns(draw):
    """A question, the calls that were made for it, and an answer."""
    calls = [message for batch in draw(st.lists(batches(), max_size=2)) for message in batch]
    answers = [
        Message.ASSISTANT(text) for text in draw(st.lists(st.text(min_size=1, max_size=40), max_size=1))
    ]
    return [Message.USER(draw(TEXTS)), *calls, *answers]


@st.composite
def conversations(draw):
    """Well-formed: instructions in front, then turns."""
    front = [Message.SYSTEM(text) for text in draw(st.lists(TEXTS, max_size=2))]
    return front + [message for turn in draw(st.lists(turns(), max_size=4)) for message in turn]


IDS = st.sampled_from(["a", "b", "c"])


def _any_message(role, text, ids, answers):
    calls = [FunctionCall(each, "read", "{}") for each in ids] if role is Role.ASSISTANT else []
    answered = {"tool_call_id": answers} if role is Role.TOOL else {}
    return Message(role, text, tuple(calls), **answered)


MIXED = st.lists(
    st.builds(_any_message, st.sampled_from(list(Role)), TEXTS, st.lists(IDS, max_size=2), IDS), max_size=12
)
"""Messages in any order: answers to nothing, calls without answers, ids twice."""


def is_sound(chat):
    """Whether each call in OpenAI's shape is answered exactly once right behind it, and nothing else is."""
    waiting = []
    for message in chat:
        if message["role"] == "tool":
            if message["tool_call_id"] not in waiting:
                return False
            waiting.remove(message["tool_call_id"])
        elif waiting:
            return False
        else:
            waiting = [call["id"] for call in message.get("tool_calls", ())]
    return not waiting
