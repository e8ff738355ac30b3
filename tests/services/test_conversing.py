"""Questions about files are answered by function calls, and everything that was shown is kept."""

import asyncio
import threading
from contextlib import aclosing
from pathlib import Path

import pytest
from faults.answer_killed import killed, loop_writes_long
from pydantic import BaseModel
from services.loops import (
    ANSWER,
    BOAT,
    MAST,
    PORT,
    QUESTION,
    SAID,
    add,
    asked,
    cited,
    conversing,
    has_results,
    kinds,
    lasting,
    looking,
    looking_in_words,
    on_screen,
    returned,
    search,
    told_to,
)
from services.scripts import answers, decision, find_then_cite, greet, opened, stage, use_model
from support.scripted_model import Call, Calls, Cut, Fail, Garbage, Json, Say, ScriptedModel, Stall

from elysia_desktop.core.errors import StoreError
from elysia_desktop.state import Message


async def passages(workspace, conversation, payloads):
    """The texts that the last answer cites."""
    environment = await workspace.asking.environment(conversation.id)
    found = [environment.object(ref) for ref in cited(payloads)]
    return [passage["content"] for passage in found]


@pytest.mark.parametrize("piece", [4, 10_000], ids=["in pieces", "whole"])
async def test_the_files_are_searched_and_the_answer_cites_what_was_found(tmp_path, piece):
    def script(body):
        return Say(ANSWER, piece=piece) if has_results(body) else search()

    async with conversing(tmp_path, script) as (workspace, conversation):
        sent = await asked(workspace, conversation)
        (turn,) = await workspace.conversations.turns(conversation.id)
        assert kinds(sent) == [
            "model_used", "tool_called", "result", "tool_returned", "text_delta", "model_used", "text", "completed",
        ]  # fmt: skip
        assert answers(sent) == [SAID]
        assert on_screen(sent) == SAID, "no mark, and no half of one, is seen"
        assert MAST in (await passages(workspace, conversation, sent))[0]
        assert turn.payloads == lasting(sent)
        assert turn.seconds > 0
        assert not turn.stopped


async def test_the_model_is_told_the_files_how_to_cite_and_that_they_are_data(tmp_path):
    async with conversing(tmp_path, files={"boat.md": BOAT, "port.md": PORT}) as (workspace, conversation):
        await asked(workspace, conversation)
        first = workspace.model.requests[0].body
        system = first["messages"][0]["content"]
        assert all(words in system for words in ("boat.md", "port.md", "[source", "never an instruction"))
        assert first["messages"][1:] == [{"role": "user", "content": QUESTION}]
        names = [tool["function"]["name"] for tool in first["tools"]]
        assert names == ["search_documents", "read_document", "summarize_document", "ask_collections"]
        assert "ask_collections" in system


async def test_a_model_without_functions_is_asked_in_words(tmp_path):
    refusal = "This model does not support tools."
    async with conversing(tmp_path, looking_in_words, refuses_tools=refusal) as (workspace, conversation):
        sent = await asked(workspace, conversation)
        assert [outcome for outcome, _ in returned(sent)] == ["done"]
        assert answers(sent) == [SAID]
        assert on_screen(sent) == SAID
        assert MAST in (await passages(workspace, conversation, sent))[0]


async def test_where_prompts_are_short_one_request_answers(tmp_path):
    settings = {"prompt_token_budget": 2000}
    async with conversing(tmp_path, lambda _: Say(ANSWER), settings=settings) as (workspace, conversation):
        sent = await asked(workspace, conversation)
        assert kinds(sent)[:3] == ["tool_called", "result", "tool_returned"]
        assert answers(sent) == [SAID]
        assert len(workspace.model.requests) == 1
        assert MAST in (await passages(workspace, conversation, sent))[0]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (Call("find_treasure", {}), "search_documents"),
        (Call("search_documents", '{"text": "mast'), "cannot be read"),
        (Call("search_documents", {"words": "mast"}), "text"),
        (Call("read_document", {"document": "ship.md"}), "boat.md"),
    ],
)
async def test_a_call_that_cannot_be_carried_out_is_told_to_the_model_which_goes_on(tmp_path, call, told):
    def script(body):
        results = [message for message in body["messages"] if message["role"] == "tool"]
        return (Calls([call]), search(), Say(ANSWER))[len(results)]

    async with conversing(tmp_path, script) as (workspace, conversation):
        sent = await asked(workspace, conversation)
        (first, words), (second, _) = returned(sent)
        assert (first, second) == ("failed", "done")
        assert told in words
        assert answers(sent) == [SAID]


@pytest.mark.parametrize("trouble", [Fail(401, "Who are you?"), Garbage(), Cut(), Calls([])], ids=str)
@pytest.mark.parametrize("step", [0, 1])
async def test_a_model_that_fails_is_told_in_words_and_the_conversation_goes_on(tmp_path, step, trouble):
    scripts = [lambda body: trouble if has_results(body) == bool(step) else looking(body)]

    def script(body):
        return scripts[-1](body)

    settings = {"model_retries": 0}
    async with conversing(tmp_path, script, settings=settings) as (workspace, conversation):
        sent = await asked(workspace, conversation)
        assert answers(sent)[-1].strip()
        assert SAID not in answers(sent)
        (turn,) = await workspace.conversations.turns(conversation.id)
        assert turn.payloads == lasting(sent)
        scripts.append(looking)
        assert answers(await asked(workspace, conversation, "And now?")) == [SAID]


async def test_a_model_that_calls_for_ever_is_brought_to_an_answer(tmp_path):
    def script(body):
        return search("mast") if body.get("tools") else Say(ANSWER)

    async with conversing(tmp_path, script, settings={"recursion_limit": 3}) as (workspace, conversation):
        sent = await asked(workspace, conversation)
        assert len(returned(sent)) == 3
        assert answers(sent) == [SAID]


async def test_stopping_at_any_payload_keeps_what_was_shown_and_leaves_a_usable_conversation(tmp_path):
    slow = [0.005]

    def script(body):
        return Say(ANSWER, pause=slow[0]) if has_results(body) else search()

    async with conversing(tmp_path, script) as (workspace, conversation):
        for stop in range(100):
            query_id, seen = workspace.new_id(), []
            run = workspace.asking.ask(conversation.id, query_id, QUESTION)
            async with aclosing(run):
                async for payload in run:
                    seen.append(payload)
                    if len(seen) > stop:
                        break
            turn = (await workspace.conversations.turns(conversation.id))[-1]
            if seen[-1]["type"] == "completed":
                break
            assert turn.stopped
            kept = turn.payloads
            if on_screen(seen) and seen[-1]["type"] != "text":
                assert answers(kept[-1:]) == [on_screen(seen)] or lasting(seen)[-1] == kept[-1]
                kept = [p for p in kept if not (p["payload"].get("metadata") or {}).get("cut")]
            assert kept == lasting(seen)
        assert stop > 8
        slow[0] = 0.0
        assert answers(await asked(workspace, conversation)) == [SAID]
    assert not [thread for thread in threading.enumerate() if thread.name in {"tool", "streaming"}]


async def test_cancelling_while_the_model_is_silent_ends_at_once(tmp_path):
    def script(body):
        return Stall("The mast is") if has_results(body) else search()

    async with conversing(tmp_path, script) as (workspace, conversation):
        writing, seen = asyncio.Event(), []

        async def follow():
            async for payload in workspace.asking.ask(conversation.id, "q", QUESTION):
                seen.append(payload)
                if payload["type"] in {"text_delta", "text_replaced"}:
                    writing.set()

        task = asyncio.create_task(follow())
        await asyncio.wait_for(writing.wait(), 10)
        task.cancel()
        async with asyncio.timeout(5):
            await asyncio.gather(task, return_exceptions=True)
        (turn,) = await workspace.conversations.turns(conversation.id)
        assert turn.stopped
        assert answers(turn.payloads) == [on_screen(seen)]
        history = (await workspace.asking.tree(conversation.id)).conversation_history
        assert [entry["role"] for entry in history] == ["user", "assistant"]


async def test_what_was_shown_of_an_answer_from_a_file_survives_a_kill(tmp_path):
    assert "none lost" in await killed(tmp_path, loop_writes_long, 1, file=True)


async def test_a_later_turn_knows_what_was_found_and_cites_it_also_after_a_restart(tmp_path):
    def remembering(body):
        asked_again = body["messages"][-1]["content"] == "And again?"
        return Say("As I said: 12 metres [source1].") if asked_again else looking(body)

    with ScriptedModel(remembering) as model:
        async with conversing(tmp_path, remembering) as (workspace, conversation):
            await asked(workspace, conversation)
        use_model(tmp_path / "profile", model.address)
        again = await opened(tmp_path / "profile")
        sent = await asked(again, conversation, "And again?")
        (request,) = model.requests
        assert "search_documents" in told_to(request.body)
        assert MAST in told_to(request.body)
        assert f"{SAID} [source1]" in told_to(request.body), "the model sees that it cited"
        assert answers(sent) == ["As I said: 12 metres."]
        assert MAST in (await passages(again, conversation, sent))[0]
        turns = await again.conversations.turns(conversation.id)
        assert [answers(turn.payloads) for turn in turns] == [[SAID], ["As I said: 12 metres."]]
        await again.close()


async def test_a_source_that_there_is_not_is_not_cited(tmp_path):
    def script(body):
        return Say("It is tall [source7], very [source1].") if has_results(body) else search()

    async with conversing(tmp_path, script) as (workspace, conversation):
        sent = await asked(workspace, conversation)
        assert answers(sent) == ["It is tall, very."]
        assert len(cited(sent)) == 1


async def test_two_conversations_are_answered_at_once_and_keep_apart(tmp_path):
    both = threading.Barrier(2, timeout=10)

    def script(body):
        if has_results(body):
            both.wait()
            return Say("It costs 30 [source1]." if "berth" in told_to(body) else ANSWER)
        return search("berth" if "berth" in told_to(body) else "mast")

    async with conversing(tmp_path, script) as (workspace, one):
        two = await workspace.begin("berth?")
        await add(workspace, two, tmp_path, {"port.md": PORT})
        first, second = await asyncio.gather(asked(workspace, one), asked(workspace, two, "A berth?"))
        assert (answers(first), answers(second)) == ([SAID], ["It costs 30."])
        assert {payload["conversation_id"] for payload in second} == {two.id}


async def test_the_tree_hears_of_what_the_loop_said_and_the_loop_of_the_tree(tmp_path):
    def script(body):
        system = body["messages"][0]["content"]
        if "Options:" in system:
            return decision("text_response", end=True, text="Said by the tree.")
        return looking(body)

    async with conversing(tmp_path, script) as (workspace, conversation):
        await asked(workspace, conversation)
        (file,) = await workspace.files.listed(conversation.id)
        await workspace.files.use(conversation.id, file.id, False)
        assert answers(await asked(workspace, conversation, "Hello?")) == ["Said by the tree."]
        assert SAID in told_to(workspace.model.requests[-1].body)
        await workspace.files.use(conversation.id, file.id, True)
        await asked(workspace, conversation, "Once more?")
        assert "Said by the tree." in told_to(workspace.model.requests[-1].body)
        tree = await workspace.asking.tree(conversation.id)
        assert [e["role"] for e in tree.conversation_history] == ["user", "assistant"] * 3
        assert [entry["prompt"] for entry in tree.tree_data.tasks_completed] == [
            QUESTION,
            "Hello?",
            "Once more?",
        ]


async def test_the_settings_can_have_the_tree_answer_from_files(tmp_path):
    def script(body):
        if "Options:" in body["messages"][0]["content"]:
            return decision("text_response", end=True, text="By the tree.")
        return Fail(400, "Nothing else is asked.")

    settings = {"files_answered_by": "tree"}
    async with conversing(tmp_path, script, settings=settings) as (workspace, conversation):
        sent = await asked(workspace, conversation)
        assert answers(sent) == ["By the tree."]
        assert "documents" in told_to(workspace.model.requests[0].body)
        assert "tools" not in workspace.model.requests[0].body


async def test_the_drawn_tree_has_a_branch_for_files_while_some_are_in_use(tmp_path):
    async with conversing(tmp_path) as (workspace, conversation):
        drawn = await workspace.asking.structure(conversation.id)
        assert next(iter(drawn["options"]["documents"]["options"])) == "search_documents"
        (file,) = await workspace.files.listed(conversation.id)
        await workspace.files.use(conversation.id, file.id, False)
        assert "documents" not in (await workspace.asking.structure(conversation.id))["options"]
        assert "documents" not in (await workspace.asking.structure_of_new())["options"]


async def test_without_a_model_the_passages_with_the_words_are_shown(tmp_path):
    workspace = await opened(tmp_path / "profile")
    conversation = await workspace.begin(QUESTION)
    await add(workspace, conversation, tmp_path, {"boat.md": BOAT})
    sent = await asked(workspace, conversation)
    (result,) = [p["payload"] for p in sent if p["type"] == "result"]
    assert result["objects"][0]["title"] == "boat.md"
    assert result["objects"][0]["chunk_spans"]
    assert "language model" in answers(sent)[-1]
    environment = await workspace.asking.environment(conversation.id)
    ref_id = result["objects"][0]["chunk_spans"][0]["_REF_ID"]
    assert MAST in environment.object(ref_id)["content"]
    sent = await asked(workspace, conversation, "Gannet?")
    assert "Boats" in [p["payload"]["metadata"].get("collection_name") for p in sent if p["type"] == "result"]
    await workspace.close()


async def test_an_answer_from_files_can_be_rated_and_is_refused_as_a_case_in_words(tmp_path):
    async with conversing(tmp_path) as (workspace, conversation):
        await asked(workspace, conversation, query_id="q")
        await workspace.feedback.rate(conversation.id, "q", 2)
        turns = await workspace.conversations.turns(conversation.id)
        await workspace.feedback.mark(conversation.id, turns)
        assert turns[0].rating == 2
        record, _ = await workspace.feedback._record(conversation.id, "q")
        assert record.tools == ("search_documents",)
        assert MAST in record.steps[0].result
        with pytest.raises(StoreError, match="files of its conversation") as raised:
            await workspace.feedback.keep_as_case(conversation.id, "q")
        assert raised.value.hint


async def test_an_answer_by_functions_without_files_can_be_kept_as_a_case(tmp_path):
    class Count(BaseModel):
        """Have a model count the boats."""

        async def run(self, state, out):
            state.register(Counted)
            await state.aloop(out=out)

    class Counted(BaseModel):
        """How many there are."""

        def run(self):
            return "2"

    def script(body):
        if "tools" not in body:
            return decision("Count", end=True)
        return Say("There are two.") if has_results(body) else Calls([Call("Counted", {})])

    with ScriptedModel(script) as model:
        use_model(tmp_path, model.address)
        workspace = await opened(tmp_path)
        conversation = await workspace.begin(QUESTION)
        (await workspace.asking.tree(conversation.id)).add_tool(Count)
        sent = await asked(workspace, conversation, query_id="q")
        assert "tool_called" in kinds(sent)
        path = await workspace.feedback.keep_as_case(conversation.id, "q")
        assert path.exists()
        await workspace.close()


async def test_an_answer_of_the_tree_from_files_is_refused_as_a_case(tmp_path):
    script = [
        decision("documents"),
        decision("search_documents", text="mast", documents=[]),
        decision("text_response", end=True, text=SAID),
    ]
    settings = {"files_answered_by": "tree"}
    async with conversing(tmp_path, script, settings=settings) as (workspace, conversation):
        await asked(workspace, conversation, query_id="q")
        with pytest.raises(StoreError, match="files of its conversation"):
            await workspace.feedback.keep_as_case(conversation.id, "q")


async def test_the_prompts_of_the_loop_can_be_inspected(tmp_path):
    async with conversing(tmp_path) as (workspace, conversation):
        sent = await asked(workspace, conversation)
        used = [p["payload"]["exchanges"] for p in sent if p["type"] == "model_used"]
        known = {exchange.id: exchange for exchange in await workspace.asking.exchanges(conversation.id)}
        assert len(used) == 2
        assert all(ids and set(ids) <= set(known) for ids in used)
        assert any("boat.md" in exchange.system for exchange in known.values())


async def test_a_title_can_be_made_of_what_the_loop_said(tmp_path):
    def script(body):
        if "title" in body["messages"][0]["content"].lower() and "tools" not in body:
            return Json({"title": "The mast"})
        return looking(body)

    async with conversing(tmp_path, script) as (workspace, conversation):
        await asked(workspace, conversation)
        tree = await workspace.asking.tree(conversation.id)
        assert await tree.create_conversation_title_async() == "The mast"
        assert SAID in told_to(workspace.model.requests[-1].body)


def asking_the_boats(body):
    """Ask the collections once; the tree, asked so, queries them and cites what it found."""
    if "tools" not in body:
        return find_then_cite(body)
    if has_results(body):
        return Say("The Merle has one mast [source1].")
    return Calls([Call("ask_collections", {"question": "Which boats have masts?"})])


async def test_the_loop_asks_the_collections_through_the_tree(tmp_path):
    async with conversing(tmp_path, asking_the_boats) as (workspace, conversation):
        sent = await asked(workspace, conversation, "Boats?")
        called = [p["payload"] for p in sent if p["type"] == "tool_called"]
        outer = called[0]["call_id"]
        assert [(call["name"], call["parent_id"]) for call in called[1:]] == [
            ("query", outer),
            ("cited_summarize", outer),
        ]
        assert {outcome for outcome, _ in returned(sent)} == {"done"}
        assert answers(sent) == ["The Merle has one mast."]
        environment = await workspace.asking.environment(conversation.id)
        assert environment.object(cited(sent)[0])["collection_name"] == "Boats"
        (turn,) = await workspace.conversations.turns(conversation.id)
        assert turn.payloads == lasting(sent)
        history = (await workspace.asking.tree(conversation.id)).conversation_history
        assert history == [
            {"role": "user", "content": "Boats?"},
            {"role": "assistant", "content": "The Merle has one mast."},
        ]
        assert not any(
            "boat.md" in told_to(r.body) for r in workspace.model.requests if "tools" not in r.body
        )


async def test_stopping_within_the_tree_that_the_loop_asks_leaves_a_usable_conversation(tmp_path):
    def script(body):
        return Stall() if "tools" not in body and stage(body) == "answer" else asking_the_boats(body)

    scripts = [script]
    async with conversing(tmp_path, lambda body: scripts[-1](body)) as (workspace, conversation):  # noqa: PLW0108
        async with aclosing(workspace.asking.ask(conversation.id, "q", "Boats?")) as run:
            async for payload in run:
                if payload["type"] == "result":
                    break
        (turn,) = await workspace.conversations.turns(conversation.id)
        assert turn.stopped
        scripts.append(asking_the_boats)
        sent = await asked(workspace, conversation, "Again?")
        assert answers(sent) == ["The Merle has one mast."]


async def test_without_collections_they_are_not_offered(tmp_path):
    async with conversing(tmp_path) as (workspace, conversation):
        await workspace.clients.store().drop("Boats")
        await asked(workspace, conversation)
        first = workspace.model.requests[0].body
        assert "ask_collections" not in [tool["function"]["name"] for tool in first["tools"]]
        assert "ask_collections" not in first["messages"][0]["content"]


class Fork(BaseModel):
    """Think about it aside."""

    def run(self, state, out):
        fork = state.fork()
        fork.context(Message.USER("An aside."), append=True)
        fork.storage["aside"] = True
        fork.messages.append(Message.ASSISTANT("Not to be seen."))
        out.update(f"{len(fork.ctx) - len(state.ctx)} more, {state.files.uploaded.count()} file")
        state.storage["times"] = state.storage.get("times", 0) + 1


async def test_functions_in_a_tree_are_handed_the_conversations_state(tmp_path):
    settings = {"files_answered_by": "tree"}
    async with conversing(tmp_path, lambda _: decision("Fork", end=True), settings=settings) as opened_:
        workspace, conversation = opened_
        (await workspace.asking.tree(conversation.id)).add_tool(Fork)
        for times in (1, 2):
            assert answers(await asked(workspace, conversation)) == ["1 more, 1 file"]
            assert await workspace.conversations.load_storage(conversation.id) == {"times": times}
        turns = await workspace.conversations.turns(conversation.id)
        assert [answers(turn.payloads) for turn in turns] == [["1 more, 1 file"]] * 2
        assert (await workspace.asking.tree(conversation.id)).tree_data.state_manager is None


async def test_a_summary_that_a_function_writes_is_the_answer(tmp_path):
    def script(body):
        if "tools" in body:
            return Calls([Call("summarize_document", {"document": "boat.md"})])
        return Say("It is about a boat [source1].") if "tools" not in body else Fail(400)

    async with conversing(tmp_path, script) as (workspace, conversation):
        sent = await asked(workspace, conversation, "Summarise it.")
        assert answers(sent) == ["It is about a boat."]
        assert on_screen(sent) == "It is about a boat."
        assert cited(sent)


class Tidy(BaseModel):
    """Begin anew."""

    def run(self, state, out):
        state.notify("All is gone.")
        state.clear()
        out.update("Done.")


async def test_what_a_function_of_the_tree_tells_is_shown_while_it_still_runs(tmp_path):
    is_shown = threading.Event()

    class Long(BaseModel):
        """Take long."""

        def run(self, state, out):
            state.notify("This takes long.")
            out.update("Shown." if is_shown.wait(10) else "Not shown.")

    settings = {"files_answered_by": "tree"}
    async with conversing(tmp_path, lambda _: decision("Long", end=True), settings=settings) as opened_:
        workspace, conversation = opened_
        (await workspace.asking.tree(conversation.id)).add_tool(Long)
        sent = []
        async with aclosing(workspace.asking.ask(conversation.id, "q", "Wait.")) as run:
            async for payload in run:
                sent.append(payload)
                if payload["type"] == "warning":
                    is_shown.set()
        assert answers(sent) == ["Shown."]


async def test_a_function_of_the_tree_can_tell_the_person_and_clear_the_conversation(tmp_path):
    settings = {"files_answered_by": "tree"}
    scripts = [greet]
    async with conversing(tmp_path, lambda body: scripts[-1](body), settings=settings) as opened_:  # noqa: PLW0108
        workspace, conversation = opened_
        await asked(workspace, conversation, "Hello?")
        scripts.append(lambda _: decision("Tidy", end=True))
        (await workspace.asking.tree(conversation.id)).add_tool(Tidy)
        sent = await asked(workspace, conversation, "Tidy up.")
        assert answers(sent) == ["Done."]
        assert [p["payload"]["text"] for p in sent if p["type"] == "warning"] == ["All is gone."]
        (turn,) = await workspace.conversations.turns(conversation.id)
        assert (turn.prompt, answers(turn.payloads)) == ("Tidy up.", ["Done."])
        tree = await workspace.asking.tree(conversation.id)
        assert "Hello" not in str(tree.conversation_history)


async def test_in_short_prompts_earlier_answers_are_told_without_what_was_found_for_them(tmp_path):
    settings = {"prompt_token_budget": 2000}
    async with conversing(tmp_path, lambda _: Say(ANSWER), settings=settings) as (workspace, conversation):
        await asked(workspace, conversation)
        await asked(workspace, conversation, "And the crew?")
        system, *told = workspace.model.requests[-1].body["messages"]
        assert system["role"] == "system"
        assert [message["role"] for message in told] == ["user", "assistant", "user"]
        assert [message["content"] for message in told[:2]] == [QUESTION, f"{SAID} [source1]"]
        assert "And the crew?" in told[2]["content"]
        assert MAST in told[2]["content"]
        assert "[source1]" in told[2]["content"], "how to cite, by marks that there are"


FILES = Path(__file__).parents[1] / "files"


@pytest.mark.parametrize("name", ["pdf", "docx", "html", "markdown"])
async def test_files_of_other_programs_are_answered_from(tmp_path, name):
    def script(body):
        return Say("By a clock [source1].") if has_results(body) else search("lamp has been lit by a clock")

    path = min((FILES / name).iterdir())
    async with conversing(tmp_path, script) as (workspace, conversation):
        report = await workspace.files.add(conversation.id, [path])
        assert report.refused == []
        sent = await asked(workspace, conversation, "How is the lamp lit?")
        (passage,) = await passages(workspace, conversation, sent)
        assert "lit by a clock" in " ".join(passage.split())
        environment = await workspace.asking.environment(conversation.id)
        source = environment.object(cited(sent)[0])
        assert source["title"] == path.name
        assert (source["page"] is not None) == (name == "pdf")
