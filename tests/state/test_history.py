import pytest
from hypothesis import given
from hypothesis import strategies as st
from state.saying import LAWS, MIXED, called, conversations, is_sound, result

from elysia_desktop.engine.budget import estimate_tokens
from elysia_desktop.state.exchanges import exchanges
from elysia_desktop.state.history import (
    fitted,
    front_of,
    message_tokens,
    newest,
    sendable,
    total_tokens,
    truncated_history,
)
from elysia_desktop.state.messages import FunctionCall, Message, Role

TOKENS = st.integers(0, 120)


def test_a_message_takes_the_tokens_of_its_text_and_its_calls():
    text = "How many cats are there?"
    assert message_tokens(Message.USER(text)) == estimate_tokens(text)
    call = FunctionCall("c1", "Count", '{"of": "cats"}')
    assert message_tokens(Message.ASSISTANT(text, [call])) > message_tokens(Message.USER(text))
    assert message_tokens(Message.NOTICE(text)) == 0


@LAWS
@given(MIXED, TOKENS)
def test_the_newest_that_fit_are_kept_whole_behind_the_front(messages, tokens):
    kept = newest(messages, tokens)
    front = front_of(messages)
    groups = list(exchanges(messages[front:]))
    suffixes = [[m for group in groups[start:] for m in group] for start in range(len(groups) + 1)]
    fitting = [s for s in suffixes if total_tokens(messages[:front] + s) <= tokens]
    assert kept == messages[:front] + (fitting[0] if fitting else [])


def test_no_older_message_is_kept_where_a_newer_one_is_not():
    messages = [Message.USER("a"), Message.USER("x" * 400), Message.USER("b")]
    assert newest(messages, 10) == messages[2:]


@LAWS
@given(
    MIXED, TOKENS, st.integers(0, 8), st.integers(0, 4), st.sampled_from([None, Message.SYSTEM("Be brief.")])
)
def test_a_history_is_the_longest_within_its_limits_or_the_shortest_that_is_enough(
    messages, tokens, most, least, system
):
    told = truncated_history(messages, most=most, tokens=tokens, least=least, system_message=system)
    whole = sendable(messages)
    front = front_of(whole)
    first = [system] if system else []
    groups = list(exchanges(whole[front:]))
    suffixes = [[m for group in groups[start:] for m in group] for start in range(len(groups) + 1)]
    enough = [s for s in suffixes if len(s) >= least] or suffixes[:1]
    fitting = [s for s in enough if len(s) <= most and total_tokens(first + whole[:front] + s) <= tokens]
    expected = fitting[0] if fitting else enough[-1]
    assert told == [m.to_chat() for m in [*first, *whole[:front], *expected]]


@LAWS
@given(MIXED, TOKENS, st.integers(0, 8), st.integers(0, 4))
def test_every_call_in_a_history_is_answered_once_right_behind_it(messages, tokens, most, least):
    assert is_sound(truncated_history(messages, most=most, tokens=tokens, least=least))


@LAWS
@given(conversations())
def test_a_history_without_limits_is_the_conversation(messages):
    assert truncated_history(messages, most=1000, tokens=10**6) == [m.to_chat() for m in messages]


def test_the_oldest_go_first_and_the_system_message_stays_in_front():
    messages = [Message.SYSTEM("Be brief."), *(Message.USER(str(n)) for n in range(5))]
    told = truncated_history(messages, most=2, tokens=1000, system_message=Message.SYSTEM("You are Bo."))
    assert [m["content"] for m in told] == ["You are Bo.", "Be brief.", "3", "4"]


def test_no_fewer_than_the_least_are_told_however_long_they_are():
    messages = [Message.USER("x" * 1000) for _ in range(4)]
    assert len(truncated_history(messages, most=4, tokens=10, least=2)) == 2
    assert truncated_history(messages, most=4, tokens=10) == []


def test_calls_are_not_parted_from_their_answers_to_meet_a_number():
    messages = [Message.USER("a"), called("read", "search"), result("c-read"), result("c-search")]
    assert len(truncated_history(messages, most=2, tokens=1000, least=2)) == 3
    assert truncated_history(messages, most=2, tokens=1000) == []


def test_no_model_is_told_of_notices_and_of_what_is_not_written_yet():
    messages = [Message.USER("a"), Message.NOTICE("Saved."), Message.ASSISTANT("")]
    assert [m.content for m in sendable(messages)] == ["a"]


LONG = st.lists(
    st.builds(Message, st.sampled_from(list(Role)), st.integers(0, 80).map("word ".__mul__)), max_size=8
)


@LAWS
@given(LONG | MIXED.map(lambda messages: [m for m in messages if not m.func_calls]), st.integers(0, 400))
def test_what_is_fitted_takes_no_more_than_there_is_room_for(messages, tokens):
    before = [m.to_dict() for m in messages]
    kept = fitted(messages, tokens)
    assert total_tokens(kept) <= tokens
    assert [m.to_dict() for m in messages] == before
    ids = [m.id for m in messages]
    places = [ids.index(m.id) for m in kept]
    assert places == sorted(set(places))
    assert [m.id for m in kept][-1:] == ids[-1:]
    if total_tokens(messages) <= tokens:
        assert kept == messages


@LAWS
@given(conversations(), st.integers(0, 60))
def test_calls_stay_with_their_answers_where_there_is_little_room(messages, tokens):
    assert is_sound(message.to_chat() for message in fitted(messages, tokens))


def test_the_question_is_told_however_long_what_was_found_for_it_is():
    messages = [
        Message.SYSTEM("Be brief."),
        Message.USER("old " * 50),
        Message.ASSISTANT("old"),
        Message.USER("How many cats?"),
        called("read"),
        result("c-read", "cat " * 3000),
    ]
    kept = fitted(messages, 300)
    assert [m.role for m in kept] == [Role.SYSTEM, Role.USER, Role.ASSISTANT, Role.TOOL]
    assert kept[1].content == "How many cats?"
    assert kept[3].content.startswith("cat cat cat")
    assert 250 < total_tokens(kept) <= 300


def test_what_stands_before_the_question_is_told_in_part():
    messages = [Message.USER("older"), Message.USER("document " * 1000), Message.USER("What is that about?")]
    kept = fitted(messages, 300)
    assert [m.content[:8] for m in kept] == ["document", "What is "]
    assert "characters cut" in kept[0].content
    assert 250 < total_tokens(kept) <= 300


def test_what_is_told_does_not_begin_with_the_answer_to_a_question_that_is_not():
    messages = [Message.USER("old " * 500), called("read"), result("c-read"), Message.USER("And cats?")]
    assert [m.content for m in fitted(messages, 30)] == ["And cats?"]


def test_the_last_message_is_cut_where_it_is_too_long_alone():
    messages = [Message.SYSTEM("Be brief."), Message.USER("old"), Message.USER("word " * 1000)]
    kept = fitted(messages, 100)
    assert [m.role for m in kept] == [Role.SYSTEM, Role.USER]
    assert kept[0] == messages[0]
    assert kept[1].content.startswith("word word")
    assert "characters cut" in kept[1].content
    assert 60 < total_tokens(kept) <= 100


def test_long_instructions_leave_half_of_the_room_to_the_question():
    messages = [Message.SYSTEM("rule " * 1000), Message.SYSTEM("short"), Message.USER("word " * 1000)]
    kept = fitted(messages, 200)
    assert kept[1] == messages[1]
    assert 90 < total_tokens(kept[:2]) <= 100
    assert 60 < total_tokens(kept[2:]) <= 150


def test_long_instructions_take_what_a_short_question_leaves():
    kept = fitted([Message.SYSTEM("rule " * 1000), Message.USER("Why?")], 200)
    assert kept[1].content == "Why?"
    assert total_tokens(kept) > 180


def test_nothing_older_is_told_than_what_there_is_too_little_room_for():
    messages = [Message.USER("a"), Message.USER("word " * 100), Message.USER("word " * 60)]
    kept = fitted(messages, message_tokens(messages[2]) + 20)
    assert kept == messages[2:]


def test_a_history_that_just_fits_is_whole():
    messages = [Message.USER("word " * 10), Message.USER("word " * 10)]
    whole = total_tokens(messages)
    assert len(truncated_history(messages, most=2, tokens=whole)) == 2
    assert len(truncated_history(messages, most=2, tokens=whole - 1)) == 1
    assert len(newest(messages, whole)) == 2
    assert len(newest(messages, whole - 1)) == 1


@pytest.mark.parametrize("text", ["é" * 500, "日本語" * 300, "\ud800" * 300])
def test_texts_of_any_script_are_fitted(text):
    assert total_tokens(fitted([Message.USER(text)], 50)) <= 50
