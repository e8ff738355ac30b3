import pytest
from hypothesis import given
from state.saying import LAWS, MIXED, called, is_sound, result

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.state.exchanges import TOOL_CALLS
from elysia_desktop.state.lookups import Q
from elysia_desktop.state.message_list import MessageList
from elysia_desktop.state.messages import Message, Role


def contents(messages):
    return [message.content for message in messages]


def test_a_list_is_made_of_one_message_or_several_of_any_form():
    message = Message.USER("a")
    assert MessageList(message)[0] is message
    assert contents(MessageList("hello")) == ["hello"]
    assert MessageList("hello")[0].role is Role.USER
    assert contents(MessageList([message, "b", {"role": "system", "content": "c"}])) == ["a", "b", "c"]
    assert contents(MessageList({"role": "user", "content": "c"})) == ["c"]
    assert contents(MessageList(MessageList(["a", "b"]))) == ["a", "b"]
    assert not MessageList()


@pytest.mark.parametrize("wrong", [3, [3], [None], [["a"]]])
def test_what_is_no_message_is_refused(wrong):
    with pytest.raises(TypeError):
        MessageList(wrong)


def test_the_list_it_was_made_of_is_not_changed_and_changes_nothing():
    messages = [Message.USER("a")]
    made = MessageList(messages)
    made.append("b")
    messages.append(Message.USER("c"))
    assert (contents(made), contents(messages)) == (["a", "b"], ["a", "c"])
    other = MessageList(made)
    other.append("d")
    assert contents(made) == ["a", "b"]


def test_it_grows_at_both_ends_and_can_be_chained():
    made = MessageList("b").append("c").append(["d", "e"]).prepend(Message.SYSTEM("a"))
    assert contents(made) == list("abcde")


def test_lists_are_added_and_sliced_into_new_ones():
    made, more = MessageList(["a", "b"]), ["c"]
    assert contents(made + more) == ["a", "b", "c"]
    assert contents(more + made) == ["c", "a", "b"]
    assert contents(made + "c" + Message.USER("d")) == ["a", "b", "c", "d"]
    assert isinstance(made[:1], MessageList)
    made[:1].append("x")
    assert contents(made) == ["a", "b"]
    assert contents(reversed(made)) == ["b", "a"]
    assert made[-1] in made
    assert made == made[:] == list(made)
    assert made != made[:1]


def test_one_message_is_changed_or_taken_out_by_its_id():
    made = MessageList(["a", "b", "c"])
    first, second, _ = made
    made.update(first.id, "A").delete(second)
    assert contents(made) == ["A", "c"]
    with pytest.raises(QueryRejected) as caught:
        made.delete("msg-nowhere")
    assert "msg-nowhere" in str(caught.value)
    assert first.id in caught.value.hint


def test_the_first_and_the_last_are_found_by_role():
    made = MessageList([Message.SYSTEM("a"), Message.USER("b"), Message.USER("c"), Message.ASSISTANT("d")])
    assert contents([made.first(), made.last(), made.first("user"), made.last(Role.USER)]) == list("adbc")
    assert made.last(Role.TOOL) is None
    assert MessageList().first() is None


def test_messages_are_filtered_by_function_lookup_and_condition():
    made = MessageList([Message.SYSTEM("rules"), Message.USER("How many cats?"), Message.USER("Why?")])
    assert contents(made.filter(role="user", content__icontains="CATS")) == ["How many cats?"]
    assert contents(made.filter(lambda m: m.content.endswith("?"))) == ["How many cats?", "Why?"]
    assert contents(made.filter(~Q(role=Role.USER) | Q(content="Why?"))) == ["rules", "Why?"]
    assert contents(made.filter()) == contents(made)
    with pytest.raises(QueryRejected, match="messages"):
        made.filter(rule="user")


@LAWS
@given(MIXED)
def test_what_a_model_is_told_is_always_sound(messages):
    assert is_sound(MessageList(messages).to_chat())


def test_calls_are_interleaved_for_the_functions_there_are():
    calls = [message.to_dict() for message in (called("read"), result("c-read"))]
    together = MessageList([Message.USER("a", extra={TOOL_CALLS: calls})])
    assert [m.role for m in together.expand()] == [Role.USER, Role.ASSISTANT, Role.TOOL]
    assert [m.role for m in together.expand(tools=["search"])] == [Role.USER]
    assert TOOL_CALLS in together[0].extra
    assert TOOL_CALLS not in together.expand()[0].extra


def test_only_answered_calls_are_left():
    made = MessageList([called("read"), result("c-read"), called("search")]).answered()
    assert [m.role for m in made] == [Role.ASSISTANT, Role.TOOL]


def test_the_newest_are_kept_behind_the_instructions():
    made = MessageList([Message.SYSTEM("rules"), Message.USER("x" * 100), Message.USER("new")])
    assert contents(made.keep(10)) == ["rules", "new"]
    assert contents(made.keep(0)) == ["rules"]
    assert len(made) == 3
    assert made.keep(made.tokens) == made


def test_a_fork_is_changed_alone():
    made = MessageList([Message.USER("a", extra={"n": [1]})])
    fork = made.fork()
    assert fork == made
    fork[0].update("b")
    fork[0].extra["n"].append(2)
    fork.append("c")
    assert (contents(made), made[0].extra) == (["a"], {"n": [1]})


def test_it_can_be_gone_through_while_it_grows():
    made = MessageList(["a", "b"])
    for message in made:
        made.append(message)
    assert contents(made) == ["a", "b", "a", "b"]
