"""A fork: what it shares with its parent, what it does not, and where its calls stand in the log."""

import threading

import pytest
from pydantic import BaseModel
from state.loops import answers, asked, call, calls, functions, is_valid, sent, until
from support.scripted_model import Calls, Say, Stall

from elysia_desktop.state import FunctionCall, Message, ModuleConfig, Stopped


class Look(BaseModel):
    """Look at it."""

    def run(self):
        return "seen"


class Research(BaseModel):
    """Find out more."""

    def run(self, state):
        return state.fork().register(Look).loop("Look closer.")[-1][0]


def test_a_fork_has_the_same_configuration_and_model_and_no_tools():
    conf = ModuleConfig(N_MAX=7)
    with asked(Say("Yes."), tools=[Look], conf=conf) as state:
        fork = state.fork()
        assert type(fork) is type(state)
        assert fork.conf is conf
        assert fork.event is state.event
        assert fork.tools == []
        assert fork.complete().content == "Yes."
        assert functions(state) == {}


def test_a_fork_has_the_same_context_without_unanswered_calls():
    answered, open_call = FunctionCall("c1", "Look"), FunctionCall("c2", "Look")
    with asked(Say("Yes."), tools=[Look]) as state:
        state.call(Message.ASSISTANT("", [answered]))
        state.context(Message.ASSISTANT("One moment.", [open_call]), append=True)
        fork = state.fork()
        assert [m.role for m in fork.ctx] == ["user", "assistant", "tool", "assistant"]
        assert fork.ctx.last().func_calls == ()
        fork.complete()
        assert is_valid(sent(state))
        assert answers(sent(state)) == ["seen"]


def test_a_fork_has_no_side_effect_on_its_parent():
    with asked(Say("Yes."), tools=[Look]) as state:
        state.extra(lamp="on").data["list"] = [1]
        state.storage["list"] = [1]
        lock = state.data["lock"] = threading.Lock()
        fork = state.fork()
        assert (fork.data["list"], fork.storage["list"], fork._extra) == ([1], [1], {"lamp": "on"})
        assert fork.data["lock"] is lock
        fork.register(Look).extra(lamp="off")
        fork.data["list"].append(2)
        fork.storage["list"] = [1, 2]
        fork.ctx.last().update("Else.")
        fork.loop("And?", out=fork.last_ass_message)
        fork.modify("Changed.", fork.last_usr_message.id)
        fork.notify("Look!")
        fork.save_conversation_history()
        assert [m.content for m in state.ctx] == ["What?"]
        assert [m.content for m in state.messages] == ["What?", ""]
        assert (state.data["list"], state.storage["list"], state._extra) == ([1], [1], {"lamp": "on"})
        assert state.tools == [Look]
        state.reset()
        assert dict(state.storage) == {}


def test_a_fork_may_be_cleared_and_its_parent_keeps_its_messages():
    with asked() as state:
        state.save_conversation_history()
        fork = state.fork()
        assert fork.clear() == 1
        state.reset()
        assert state.last_user_question() == "What?"


def nesting(state):
    return {c["name"]: c["parent_id"] for c in state.told.of("tool_called")}


def test_a_forks_calls_are_nested_under_the_parents_call_in_the_log():
    replies = [calls(call("Research", "outer")), calls(call("Look", "inner")), Say("It is a."), Say("Done.")]
    with asked(*replies, tools=[Research]) as state:
        state.loop()
        assert nesting(state) == {"Research": "", "Look": "outer"}
        assert state.told.log == ["Research(", "Look(", "done)", "done)"]
        assert answers(sent(state)) == ["It is a."]


def test_the_calls_of_a_fork_that_is_run_in_another_thread_are_nested_too():
    class Elsewhere(BaseModel):
        def run(self, state):
            fork, found = state.fork().register(Look), []
            thread = threading.Thread(target=lambda: found.append(fork.loop("Look closer.")))
            thread.start()
            thread.join()
            return found[0][-1][0]

    replies = [calls(call("Elsewhere", "outer")), calls(call("Look", "inner")), Say("It is a."), Say("Done.")]
    with asked(*replies, tools=[Elsewhere]) as state:
        state.loop()
        assert nesting(state) == {"Elsewhere": "", "Look": "outer"}


def test_the_calls_of_a_loop_within_a_tool_are_nested_without_a_fork_too():
    class Again(BaseModel):
        def run(self, state):
            return state.register(Look).loop("Look closer.")[-1][0]

    replies = [calls(call("Again", "outer")), calls(call("Look", "inner")), Say("It is a."), Say("Done.")]
    with asked(*replies, tools=[Again]) as state:
        state.loop()
        assert nesting(state)["Look"] == "outer"
        assert is_valid(sent(state))
        assert is_valid(state.history())


def test_forks_of_siblings_run_at_once_without_mixing_their_calls():
    class Deep(BaseModel):
        name: str

        def run(self, state):
            return state.fork().register(Look).loop(self.name)[-1][0]

    def script(body):
        said = [m["content"] for m in body["messages"]]
        if body["messages"][-1]["role"] == "tool":
            return Say("Both." if "Deep" in str(body.get("tools")) else f"{said[-3]} seen.")
        return calls(call("Look", f"in-{said[-1]}")) if said[-1] in {"a", "b"} else first

    first = Calls([call("Deep", "a", name="a"), call("Deep", "b", name="b")])
    with asked(script, tools=[Deep]) as state:
        state.loop(run_async=True)
        parents = {c["call_id"]: c["parent_id"] for c in state.told.of("tool_called")}
        assert parents == {"a": "", "b": "", "in-a": "a", "in-b": "b"}
        assert answers(state.ctx.to_chat()) == ["a seen.", "b seen."]


def test_a_forks_writing_to_the_parents_message_is_the_result_of_the_call():
    class Tell(BaseModel):
        def run(self, state, out):
            state.fork().loop("Tell it.", out=out)

    with asked(calls(call("Tell")), Say("Once upon a time."), tools=[Tell]) as state:
        rounds = state.loop(out=state.last_ass_message)
        assert len(rounds) == 1
        assert answers(state.ctx.to_chat()) == ["Once upon a time."]
        assert state.last_ass_message.content == "Once upon a time."


def in_a_thread(work):
    """Do it in a thread that knows of nothing around it, and wait."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


@pytest.mark.parametrize("how", ["fork", "same", "thread"])
def test_what_a_call_within_a_call_writes_is_the_outer_ones_too(how):
    class Write(BaseModel):
        def run(self, out):
            out.update("Deep down.")

    class Tell(BaseModel):
        def run(self, state, out):
            inner = (state if how == "same" else state.fork()).register(Write)
            if how == "thread":
                in_a_thread(lambda: inner.loop("Tell it.", out=out))
            else:
                inner.loop("Tell it.", out=out)

    with asked(calls(call("Tell")), calls(call("Write")), tools=[Tell]) as state:
        rounds = state.loop(out=state.last_ass_message)
        assert len(rounds) == 1
        assert rounds[0][1][0]["id"] == state.told.of("tool_called")[1]["parent_id"]
        assert state.told.of("tool_returned")[1]["content"] == "Deep down."
        assert len(state.model.requests) == 2


def test_the_log_tells_arguments_results_and_times():
    with asked(calls(call("Look", "c1"), call("Lok", "c2")), Say("."), tools=[Look]) as state:
        state.loop()
        told = state.told.of("tool_called")[0]
        assert told == {"call_id": "c1", "name": "Look", "arguments": "{}", "parent_id": ""}
        ended = state.told.of("tool_returned")
        assert [(e["call_id"], e["outcome"]) for e in ended] == [("c1", "done"), ("c2", "failed")]
        assert ended[0]["content"] == "seen"
        assert ended[0]["seconds"] >= 0


def test_a_listener_that_fails_stops_nothing(caplog):
    def listener(item):
        raise ZeroDivisionError

    with asked(calls(call("Look")), Say("."), tools=[Look], listener=listener) as state:
        state.loop()
        assert is_valid(sent(state))
        assert "could not be shown" in caplog.text


@pytest.mark.parametrize("ending", ["with", "close", "stop"])
def test_ending_a_fork_within_a_tool_does_not_stop_the_run_around_it(ending):
    class Ask(BaseModel):
        """Ask."""

        def run(self, state):
            fork = state.fork()
            if ending == "with":
                with fork:
                    return fork.complete("And?").content
            told = fork.complete("And?").content
            getattr(fork, ending)()
            return told

    with asked(calls(call("Ask")), Say("inner"), Say("outer"), tools=[Ask]) as state:
        state.loop(out=state.last_ass_message)
        assert answers(sent(state)) == ["inner"]
        assert state.last_ass_message.content == "outer"


@pytest.mark.parametrize("whose", ["fork", "parent"])
@pytest.mark.parametrize("what", ["complete", "llm"])
def test_what_a_fork_does_in_another_thread_is_stopped_with_either(whose, what):
    with asked(Stall(), Say("Here.")) as state:
        fork, raised = state.fork(), []

        def work():
            try:
                fork.complete() if what == "complete" else fork.llm.complete("What?")
            except Stopped as stopped:
                raised.append(stopped)

        thread = threading.Thread(target=work)
        thread.start()
        until(lambda: state.model.requests)
        (fork if whose == "fork" else state).stop()
        thread.join(10)
        assert len(raised) == 1
        assert fork.complete().content == "Here."
