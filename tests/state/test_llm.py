import asyncio
import logging
from contextlib import contextmanager

import pytest
from engine.models import KEY, choice_of, model_at
from pydantic import BaseModel, Field
from support.scripted_model import Call, Calls, Cut, Endless, Fail, Json, Say, ScriptedModel, Stall

from elysia_desktop.core.chat import FunctionSpec
from elysia_desktop.core.errors import InvalidAnswer, ModelRefused
from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.budget import estimate_tokens
from elysia_desktop.engine.model_failures import ReplyBrokenOff
from elysia_desktop.state.bridge import Bridge, Stopped
from elysia_desktop.state.llm import LanguageModelManager
from elysia_desktop.state.message_list import MessageList
from elysia_desktop.state.messages import FunctionCall, Message, Role
from elysia_desktop.state.models import Models

COUNT = FunctionSpec("Count", "Count things.", {"type": "object", "properties": {"of": {"type": "string"}}})


@contextmanager
def asking(bridge, *replies, role="complex", budget=8000, changes=None, **more):
    """A manager whose model says this, and the model's server."""
    script = replies[0] if len(replies) == 1 and callable(replies[0]) else list(replies)
    settings = Settings(prompt_token_budget=budget)
    shown = []
    with ScriptedModel(script, **more) as server:
        models = Models(
            model_at(server, changes={"model": "base-1", "supports_tools": True, **(changes or {})}),
            model_at(server, changes={"model": "complex-1", "supports_tools": True, **(changes or {})}),
            lambda choice: model_at(server, changes={"model": choice.model}),
        )
        llm = LanguageModelManager(bridge, models, settings=settings, show=shown.append, model=role)
        llm.server, llm.shown = server, shown
        try:
            yield llm
        finally:
            bridge.run(llm.aclose())


def sent(llm, at=-1):
    return llm.server.requests[at].body["messages"]


def test_a_prompt_of_any_form_is_answered(bridge):
    with asking(bridge, *[Say("Two.")] * 4) as llm:
        said = [
            llm.complete("How many?"),
            llm.complete([Message.SYSTEM("Be brief."), Message.USER("How many?")]),
            llm.complete(MessageList("How many?")),
            llm.complete([{"role": "user", "content": "How many?"}]),
        ]
        assert [(m.role, m.content, str(m)) for m in said] == [(Role.ASSISTANT, "Two.", "Two.")] * 4
        assert sent(llm, 0) == sent(llm, 2) == sent(llm, 3)
        assert sent(llm, 0)[-1] == {"role": "user", "content": "How many?"}
        assert sent(llm, 1)[0]["content"] == "Be brief."


def test_calls_come_back_with_the_message(bridge):
    reply = Calls([Call("Count", {"of": "cats"}, "call-a1")], "Let me see.")
    with asking(bridge, reply) as llm:
        said = llm.complete("How many?", tools=[COUNT], tool_choice="required")
        assert said.content == "Let me see."
        assert said.func_calls == (FunctionCall("call-a1", "Count", '{"of": "cats"}'),)
        body = llm.server.requests[0].body
        assert [tool["function"]["name"] for tool in body["tools"]] == ["Count"]
        assert body["tool_choice"] == "required"


def test_the_text_streams_into_a_message_in_place_of_what_stood_there(bridge):
    told = []
    out = Message.ASSISTANT("_Counting…_", on_change=lambda own, delta: told.append((own.content, delta)))
    with asking(bridge, Say("There are two.", piece=6)) as llm:
        said = llm.complete("How many?", out=out)
    assert out.content == said.content == "There are two."
    assert said is not out
    assert told == [("There ", None), ("There are tw", "are tw"), ("There are two.", "o.")]


def test_a_reply_that_comes_whole_is_written_to_the_message_too(bridge):
    out = Message.ASSISTANT("…")
    reply = Calls([Call("Count", {"of": "cats"})], "")
    with asking(
        bridge, Json({"function": "answer", "text": "Two."}), reply, changes={"supports_tools": False}
    ) as llm:
        llm.complete("How many?", out=out, tools=[COUNT])
        assert out.content == "Two."
    with asking(bridge, reply) as llm:
        out.update("…")
        llm.complete("How many?", out=out, tools=[COUNT])
        assert out.content == "…"


def test_what_a_request_took_is_told(bridge):
    with asking(bridge, Say("Two.", input_tokens=12, output_tokens=3)) as llm:
        llm.complete("How many?", purpose="counting")
        (used,) = [item.object for item in llm.shown]
    assert (used["purpose"], used["model"], used["input_tokens"], used["output_tokens"]) == (
        "counting",
        "complex-1",
        12,
        3,
    )


def test_a_reply_that_breaks_off_is_written_anew(bridge):
    shown = []
    out = Message.ASSISTANT(on_change=lambda own, _: shown.append(own.content))
    with asking(bridge, Cut("There are a"), Say("There are two.")) as llm:
        assert llm.complete("How many?", out=out).content == "There are two."
        assert out.content == "There are two."
        (used,) = [item.object for item in llm.shown]
        assert used["attempts"] == 2
        assert all("There are two.".startswith(text) or "There are a".startswith(text) for text in shown)
    with asking(bridge, Cut(), Cut(), Cut(), Say("never")) as llm:
        with pytest.raises(ReplyBrokenOff):
            llm.complete("How many?", out=out)
        assert len(llm.server.requests) == 3


def test_a_refusal_is_raised_in_words(bridge):
    with asking(bridge, Fail(401)) as llm:
        with pytest.raises(ModelRefused) as caught:
            llm.complete("How many?")
        assert KEY not in caught.value.sentence
        assert llm.shown == []


def test_a_reply_is_held_to_a_schema_or_a_class(bridge):
    with asking(bridge, *[Json({"count": 2})] * 2, changes={"supports_schema": True}) as llm:
        assert llm.complete("How many?", schema=Cats).content == '{"count": 2}'
        llm.complete("How many?", schema={"type": "object", "properties": {"count": {"type": "integer"}}})
        held = [received.body["response_format"]["json_schema"]["schema"] for received in llm.server.requests]
        assert held[0]["properties"]["count"]["type"] == "integer"
        assert held[0]["properties"]["names"]["maxItems"] > 0
        assert list(held[1]["properties"]) == ["count"]


class Cats(BaseModel):
    count: int = Field(description="how many cats")
    names: list[str] = Field(default_factory=list)


class Folder(BaseModel):
    name: str
    inner: list["Folder"] = []


def test_a_reply_is_parsed(bridge):
    with asking(bridge, Json({"count": 2, "names": ["Tom"]})) as llm:
        cats = llm.parse([Message.SYSTEM("Count."), Message.USER("How many?")], Cats)
        assert cats == Cats(count=2, names=["Tom"])
        told = sent(llm)
        assert [m["role"] for m in told] == ["system", "user"]
        assert told[0]["content"].startswith("Count.")
        assert "how many cats" in told[0]["content"]
        assert "response_format" in llm.server.requests[0].body


def test_a_reply_that_does_not_fit_is_sent_back_with_the_reason(bridge):
    with asking(bridge, Say("Two, I think."), Json({"count": "many"}), Json({"count": 2})) as llm:
        assert llm.parse("How many?", Cats).count == 2
        last = sent(llm)
        assert [m["role"] for m in last] == ["system", "user", "assistant", "user"]
        assert "not a JSON object" in sent(llm, 1)[-1]["content"]
        assert "count" in last[-1]["content"]
        assert last[-2]["content"] == '{"count": "many"}'
        assert len(llm.shown) == 3


def test_what_is_asked_about_stays_while_replies_are_sent_back(bridge):
    with asking(bridge, Say("nonsense " * 500), Json({"count": 2}), budget=800) as llm:
        llm.parse([Message.USER("cat " * 2000), Message.USER("How many?")], Cats)
        first, second = (sent(llm, at) for at in (0, 1))
        assert [m["role"] for m in second] == [*(m["role"] for m in first), "assistant", "user"]
        assert second[1]["content"].startswith("cat cat")
        assert second[2]["content"] == "How many?"
        assert sum(estimate_tokens(m["content"]) for m in second) <= 800


def test_a_third_reply_that_does_not_fit_is_the_last(bridge):
    with asking(bridge, *[Json({"count": "many"})] * 4) as llm:
        with pytest.raises(InvalidAnswer, match="count"):
            llm.parse("How many?", Cats)
        assert len(llm.server.requests) == 3


def test_forms_that_hold_themselves_are_parsed(bridge):
    with asking(bridge, Json({"name": "a", "inner": [{"name": "b", "inner": []}]})) as llm:
        assert llm.parse("Which folders?", Folder).inner[0].name == "b"


def test_another_model_is_asked_by_its_role_its_name_or_itself(bridge):
    with asking(bridge, *[Say("Two.")] * 5) as llm:
        for other in ("base", "complex", "large-2", llm.models.base):
            assert llm.using(other).complete("How many?").content == "Two."
        llm.complete("How many?")
        asked = [received.body["model"] for received in llm.server.requests]
        assert asked == ["base-1", "complex-1", "large-2", "base-1", "complex-1"]
        assert llm.using("base").using("large-2").model is llm.using("large-2").model
        assert llm.using("base-1").using("base").model is llm.models.base
        assert len(llm.shown) == 5


def test_pieces_can_be_gone_through_as_they_come(bridge):
    with asking(bridge, Say("There are two.", piece=6), Say("Two."), Fail(401)) as llm:
        pieces = llm.stream("How many?")
        assert next(pieces) == "There "
        assert list(pieces) == ["are tw", "o."]
        out = Message.ASSISTANT("…")
        assert "".join(llm.stream("How many?", out)) == out.content == "Two."
        with pytest.raises(ModelRefused):
            list(llm.stream("How many?"))
        assert len(llm.shown) == 2


def test_a_stream_that_is_left_ends_its_request(bridge):
    with asking(bridge, Endless("on and ", pause=0.01)) as llm:
        pieces = llm.stream("Go on.")
        assert next(pieces) == "on and "
        pieces.close()
        for _ in range(300):
            if llm.server.hung_up:
                break
            bridge.run(asyncio.sleep(0.01))
        assert llm.server.hung_up == 1


def test_stopping_reaches_whoever_waits_for_the_next_piece(bridge):
    with asking(bridge, Stall("on and on")) as llm:
        pieces = llm.stream("Go on.")
        assert "".join(next(pieces) for _ in range(3)) == "on and on"
        bridge.stop()
        with pytest.raises(Stopped):
            next(pieces)


def test_a_stream_into_a_message_is_written_when_it_returns(bridge):
    out = Message.ASSISTANT()
    with asking(bridge, Say("Two.")) as llm:
        llm.stream("How many?", out)
        assert out.content == "Two."


async def test_on_the_event_loop_the_same_is_awaited():
    bridge = Bridge(asyncio.get_running_loop())
    with ScriptedModel(
        [Say("Two."), Json({"count": 2}), Say("There are two.", piece=6), Endless(pause=0.01)]
    ) as server:
        model = model_at(server)
        llm = LanguageModelManager(bridge, Models(model, model), settings=Settings())
        assert (await llm.acomplete("How many?")).content == "Two."
        assert (await llm.aparse("How many?", Cats)).count == 2
        assert [piece async for piece in llm.astream("How many?")] == ["There ", "are tw", "o."]
        for waits in (lambda: llm.complete("a"), lambda: llm.stream("a"), lambda: llm.parse("a", Cats)):
            with pytest.raises(RuntimeError, match="event loop"):
                waits()
        endless = llm.astream("Go on.")
        await anext(endless)
        await endless.aclose()
        await llm.aclose()
        for _ in range(300):
            if server.hung_up:
                break
            await asyncio.sleep(0.01)
        assert server.hung_up == 1


def test_a_context_that_is_too_long_loses_its_oldest_and_says_so(bridge, caplog):
    long = [Message.SYSTEM("Be brief."), *(Message.USER(f"{n} " + "word " * 200) for n in range(9))]
    with asking(bridge, Say("Yes."), budget=1000) as llm, caplog.at_level(logging.WARNING):
        llm.complete(long)
        told = sent(llm)
        assert told[0]["content"] == "Be brief."
        assert told[-1]["content"].startswith("8 word")
        assert not any("0 word" in m["content"] for m in told)
        assert sum(estimate_tokens(m["content"]) for m in told) <= llm.budget() <= 1000
    assert "was cut to" in caplog.text
    assert "word" not in caplog.text


def test_functions_and_schemas_take_room_from_the_context(bridge):
    large = FunctionSpec("Large", "words " * 150, {"type": "object", "properties": {}})
    with asking(bridge, Say("Yes."), Say("Yes."), budget=600) as llm:
        llm.complete("word " * 1000)
        llm.complete("word " * 1000, tools=[large])
        alone, beside = (estimate_tokens(sent(llm, at)[-1]["content"]) for at in (0, 1))
        assert beside < alone - 150
        assert beside > 250


def test_the_budget_is_that_of_the_tree(bridge):
    with asking(bridge, role="base", budget=8000, changes={"context_length": 4000}) as llm:
        assert llm.budget() == 4000 - llm.settings.max_output_tokens
        assert llm.budget(max_tokens=500) == 3500
    with asking(bridge, budget=8000, changes={"provider": "llama_cpp"}) as llm:
        assert llm.budget() == 2000


def test_tokens_are_counted_and_texts_and_messages_truncated(bridge):
    with asking(bridge) as llm:
        text = "word " * 1000
        assert llm.count_tokens(text) == estimate_tokens(text)
        assert llm.count_tokens([Message.USER(text), "word"]) == estimate_tokens(text) + 1
        cut = llm.truncate(text, 100)
        assert cut.startswith("word word")
        assert llm.count_tokens(cut) <= 100
        assert llm.truncate("short", 100) == "short"
        kept = llm.truncate([Message.SYSTEM("Be brief."), "old " * 200, "new"], 20)
        assert [m.content for m in kept] == ["Be brief.", "new"]
        assert isinstance(kept, MessageList)


def test_no_more_is_written_than_allowed(bridge):
    with asking(bridge, Say("Two")) as llm:
        llm.complete("How many?", max_tokens=7)
        body = llm.server.requests[0].body
        assert 7 in (body.get("max_tokens"), body.get("max_completion_tokens"))


def test_a_reply_that_was_cut_short_is_marked(bridge):
    with asking(bridge, Say("There are", finish="length"), Say("Two.")) as llm:
        assert llm.complete("How many?").extra == {"cut_short": True}
        assert llm.complete("How many?").extra == {}


def test_without_models_those_of_the_settings_are_reached_when_first_needed(bridge):
    settings = Settings(
        base_provider="openai_compatible", base_model="m", base_api_base="http://localhost:9/v1"
    )
    llm = LanguageModelManager(bridge, settings=settings)
    bridge.run(llm.aclose())
    assert llm.model.choice.model == "m"
    assert llm.using("other").model.choice.address == "http://localhost:9/v1"
    bridge.run(llm.aclose())


def test_what_was_learnt_of_one_model_is_not_held_of_another():
    choice = choice_of(supports_schema=True, supports_tools=True, context_length=900, input_price=1.0)
    made = []
    like = type("Like", (), {"choice": choice})()
    Models(like, like, lambda one: made.append(one) or like).model("other", like)
    (other,) = made
    assert (other.model, other.provider, other.key) == ("other", choice.provider, choice.key)
    assert other.supports_schema is other.supports_tools is other.context_length is other.input_price is None
