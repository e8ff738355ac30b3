import asyncio
from threading import Thread

import pytest
from state.keeping import CountingHome

from elysia_desktop.core.errors import QueryRejected, StoreUnreachable
from elysia_desktop.state.message_list import MessageList
from elysia_desktop.state.message_manager import MessageManager
from elysia_desktop.state.messages import Message, Role

USER, ANSWER = Message.USER("How many cats?", id="u"), Message.ASSISTANT("Two.", id="a")


@pytest.fixture
def home():
    return CountingHome(USER, ANSWER)


@pytest.fixture
def messages(home, bridge):
    return MessageManager(home, bridge)


def contents(found):
    return [message.content for message in found]


def test_messages_are_read_once_and_only_when_asked_for(messages, home):
    assert messages
    assert home.asked == []
    assert contents(messages) == ["How many cats?", "Two."]
    assert len(messages) == 2
    assert isinstance(messages.all(), MessageList)
    assert home.asked == ["messages"]


def test_nothing_is_saved_where_nothing_has_changed(messages, home):
    messages.save()
    assert home.asked == []
    assert len(messages.changed) == len(messages.deleted) == 0
    list(messages)
    messages.save()
    assert home.asked == ["messages"]


def test_only_what_has_changed_is_saved_and_once(messages, home):
    messages.append(Message.USER("And dogs?"))
    messages.update("a", "Two cats.")
    assert contents(messages.changed) == ["Two cats.", "And dogs?"]
    messages.save()
    messages.save()
    assert home.asked == ["messages", ("save", ["Two cats.", "And dogs?"])]
    assert len(messages.changed) == 0


def test_changes_within_a_message_are_seen(messages):
    messages.get_by_id("u").extra["kept"] = [1]
    assert contents(messages.changed) == ["How many cats?"]
    messages.save()
    messages.get_by_id("u").extra["kept"].append(2)
    assert contents(messages.changed) == ["How many cats?"]


def test_what_was_saved_is_there_for_the_next_one(messages, home, bridge):
    messages.append(Message.USER("And dogs?"))
    messages.delete("a")
    messages.save()
    assert contents(MessageManager(home, bridge)) == ["How many cats?", "And dogs?"]
    assert home.asked[1:3] == [("save", ["And dogs?"]), ("delete", 1)]


def test_what_changes_after_the_save_changes_nothing_that_was_saved(messages, home, bridge):
    message = messages.append(Message.ASSISTANT("Wait"))
    messages.save()
    message.add("!")
    assert contents(MessageManager(home, bridge))[-1] == "Wait"


def test_a_home_is_handed_copies_and_what_it_hands_over_is_copied(bridge):
    class Careless(CountingHome):
        kept = (USER,)

        async def messages(self):
            return list(self.kept)

        async def save(self, messages):
            self.kept = tuple(messages)

    home = Careless()
    messages = MessageManager(home, bridge)
    messages.update("u", "Why?")
    assert USER.content == "How many cats?"
    messages.save()
    messages.update("u", "Who?")
    assert contents(home.kept) == ["Why?"]


def test_one_that_was_never_kept_is_deleted_without_the_store(messages, home):
    messages.delete(messages.append(Message.USER("b")))
    messages.save()
    assert home.asked == ["messages"]


def test_a_message_that_is_known_is_replaced_where_it_stands(messages):
    other = Message.USER("How many dogs?", id="u")
    messages.append(other)
    assert contents(messages) == ["How many dogs?", "Two."]
    messages.append(other)
    assert len(messages) == 2
    assert messages.get_by_id("u") is other


def test_messages_of_tools_that_run_at_once_are_all_there(messages):
    list(messages)
    tools = [
        Thread(target=lambda n=n: [messages.append(f"{n}-{each}") for each in range(200)]) for n in range(4)
    ]
    for tool in tools:
        tool.start()
    for tool in tools:
        tool.join()
    assert len(messages) == 802
    assert [m for m in contents(messages) if m.startswith("3-")] == [f"3-{each}" for each in range(200)]


def test_messages_are_appended_in_any_form_and_taken_by_their_place(messages):
    messages.append("And dogs?")
    messages.append({"role": "assistant", "content": "None."})
    assert [m.role for m in messages[2:]] == [Role.USER, Role.ASSISTANT]
    assert messages[-1].content == "None."
    assert isinstance(messages[:1], MessageList)


def test_the_list_handed_out_is_not_that_of_the_manager(messages):
    messages.all().append("b")
    messages.visible.append("b")
    assert len(messages) == 2


def test_the_person_sees_what_has_a_text_and_is_for_them(messages):
    for message in (
        Message.SYSTEM("rules"),
        Message.TOOL("result", "c1"),
        Message.NOTICE("Saved."),
        Message.ASSISTANT(" "),
    ):
        messages.append(message)
    assert contents(messages.visible) == ["How many cats?", "Two.", "Saved."]


def test_the_last_of_each_side_is_known(messages):
    assert (messages.last_user.id, messages.last_assistant.id) == ("u", "a")
    empty = messages.append(Message.ASSISTANT())
    assert messages.last_assistant is empty
    assert messages.first().id == messages.first(Role.USER).id == "u"
    assert messages.last("user").id == "u"
    assert contents(messages.filter(role="user")) == ["How many cats?"]


def test_an_empty_conversation_has_no_last_message(bridge):
    messages = MessageManager(CountingHome(), bridge)
    assert messages.last_user is messages.last_assistant is messages.first() is None


def test_what_was_not_saved_is_forgotten(messages):
    messages.append(Message.USER("b"))
    messages.delete("u")
    messages.reset()
    assert contents(messages) == ["How many cats?", "Two."]
    assert len(messages.changed) == 0


def test_clearing_deletes_all_that_is_kept_and_says_how_many(messages, home, bridge):
    messages.append(Message.USER("not saved"))
    assert messages.clear() == 2
    assert len(messages) == len(messages.changed) == 0
    assert messages.clear() == 0
    assert len(MessageManager(home, bridge)) == 0


def test_one_that_is_not_there_is_told(messages):
    for ask in (messages.get_by_id, messages.delete, lambda name: messages.update(name, "x")):
        with pytest.raises(QueryRejected, match="nowhere"):
            ask("nowhere")


def test_what_could_not_be_saved_is_saved_the_next_time(bridge):
    class Away(CountingHome):
        is_away = True

        async def save(self, messages):
            if self.is_away:
                raise StoreUnreachable("Nothing answers.")
            await super().save(messages)

    home = Away()
    messages = MessageManager(home, bridge)
    messages.append(Message.USER("a"))
    with pytest.raises(StoreUnreachable):
        messages.save()
    home.is_away = False
    messages.save()
    assert home.asked[-1] == ("save", ["a"])


async def test_on_the_event_loop_it_is_loaded_first(home):
    from elysia_desktop.state.bridge import Bridge

    bridge = Bridge(asyncio.get_running_loop())
    messages = MessageManager(home, bridge)
    with pytest.raises(RuntimeError, match="event loop"):
        list(messages)
    await messages.load()
    assert contents(messages) == ["How many cats?", "Two."]
    messages.append(Message.USER("b"))
    await messages.asave()
    await messages.load()
    assert home.asked == ["messages", ("save", ["b"])]
