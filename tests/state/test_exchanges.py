from hypothesis import given
from state.saying import LAWS, MIXED, called, conversations, is_sound, result

from elysia_desktop.state.exchanges import TOOL_CALLS, answered, exchanges, expanded
from elysia_desktop.state.messages import Message, Role
from elysia_desktop.state.replaying import noted


def kept(*messages):
    return {TOOL_CALLS: [message.to_dict() for message in messages]}


@LAWS
@given(MIXED)
def test_groups_are_the_messages_in_their_order(messages):
    groups = list(exchanges(messages))
    assert [message for group in groups for message in group] == messages
    assert all(groups)


def test_calls_stay_with_their_answers_and_others_alone():
    asked, calls, answer = Message.USER("a"), called("read"), result("c-read")
    done = Message.ASSISTANT("b")
    assert list(exchanges([asked, calls, answer, done])) == [[asked], [calls, answer], [done]]


@LAWS
@given(MIXED)
def test_every_call_that_is_left_is_answered_exactly_once(messages):
    left = answered(messages)
    chat = [message.to_chat() for message in left if message.role is not Role.NOTICE]
    assert is_sound(chat)
    assert answered(left) == left


@LAWS
@given(conversations())
def test_nothing_is_taken_from_what_is_answered(messages):
    assert answered(messages) == messages


def test_a_call_without_an_answer_goes_and_its_message_stays_for_its_text_or_other_calls():
    both = called("read", "search", text="")
    assert answered([both, result("c-search")])[0].func_calls == (both.func_calls[1],)
    assert len(both.func_calls) == 2
    assert [m.content for m in answered([called("read", text="Wait.")])] == ["Wait."]
    assert answered([called("read"), Message.USER("b")])[0].content == "b"


def test_the_first_of_two_answers_counts():
    left = answered([called("read"), result("c-read", "first"), result("c-read", "second")])
    assert [m.content for m in left] == ["", "first"]


def test_an_answer_behind_another_message_answers_nothing():
    left = answered([called("read"), Message.USER("b"), result("c-read")])
    assert [m.role for m in left] == [Role.USER]


def test_kept_calls_come_behind_the_message_that_keeps_them():
    calls, answer = called("read"), result("c-read")
    user = Message.USER("How many?", extra={"other": 1, **kept(calls, answer)})
    done = Message.ASSISTANT("Two.")
    told = list(expanded([user, done]))
    assert told == [Message.from_dict({**user.to_dict(), "extra": {"other": 1}}), calls, answer, done]
    assert TOOL_CALLS in user.extra
    assert list(expanded(told)) == told


def test_only_calls_of_the_named_functions_come():
    both = called("read", "search")
    user = Message.USER(
        "a", extra=kept(both, result("c-read"), result("c-search"), called("search", ids=["x"]), result("x"))
    )
    told = list(expanded([user], tools={"read"}))
    assert [call.name for m in told for call in m.func_calls] == ["read"]
    assert [m.tool_call_id for m in told if m.role is Role.TOOL] == ["c-read"]
    assert [m.role for m in expanded([user], tools=())] == [Role.USER]


def test_what_is_kept_and_is_no_message_is_passed_over():
    for hostile in ([1, None, {"role": "robot"}, {"role": "tool", "func_calls": 3}], "text", {"a": 1}, 3):
        assert [m.role for m in expanded([Message.USER("a", extra={TOOL_CALLS: hostile})])] == [Role.USER]


@LAWS
@given(conversations())
def test_expanding_brings_back_the_calls_that_were_kept(messages):
    together = []
    for message in messages:
        if message.func_calls or message.role is Role.TOOL:
            noted(together[-1], TOOL_CALLS, [message])
        else:
            together.append(message.copy())
    assert list(expanded(together)) == messages


def test_what_hears_of_a_message_s_changes_hears_of_them_when_it_is_expanded():
    told = []
    user = Message.USER(
        "a", extra=kept(called("read"), result("c-read")), on_change=lambda *_: told.append(1)
    )
    next(expanded([user])).add("b")
    assert told == [1]
