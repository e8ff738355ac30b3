"""What a run sends is kept with what it had written when it was cut."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from stores.keeping import begun, found, opened, text

from elysia_desktop.core.errors import StoreError


@pytest.fixture
async def store(tmp_path):
    async with opened(tmp_path / "c.db") as store:
        yield store


def piece(kind="text_delta"):
    return {"type": kind, "id": "d", "payload": {"message_id": "t"}}


def told(payload):
    return payload["payload"]["objects"][0]["text"]


async def test_an_answer_that_was_cut_comes_back_as_a_text_that_says_so(tmp_path):
    async with opened(tmp_path / "c.db") as store:
        conversation = await begun(store)
        await store.append("q", [{"type": "warning", "id": "w", "payload": {"text": "Slow."}}])
        await store.keep_writing("q", "m", "The Zug")
        await store.keep_writing("q", "m", "The Zugspitze")
    async with opened(tmp_path / "c.db") as store:
        (turn,) = await store.turns(conversation.id)
    assert [payload["type"] for payload in turn.payloads] == ["warning", "text"]
    assert turn.payloads[-1] == {
        "type": "text",
        "id": "m",
        "user_id": "",
        "conversation_id": conversation.id,
        "query_id": "q",
        "payload": {
            "type": "response",
            "metadata": {"cut": True},
            "objects": [{"text": "The Zugspitze"}],
        },
    }


async def test_an_answer_that_was_stopped_is_found_by_its_words(store):
    await begun(store, "Peaks")
    await store.keep_writing("q", "m", "The Zugspitze")
    await store.end_turn("q", 1.0, stopped=True)
    assert await found(store, "zugsp") == ["Peaks"]
    await store.replace_text("q", "The Watzmann")
    assert await found(store, "zugsp") == []
    assert await found(store, "watzm") == ["Peaks"]


async def test_the_whole_text_takes_the_place_of_what_was_written(store):
    conversation = await begun(store)
    await store.keep_writing("q", "t", "The Zug")
    await store.keep_writing("q", "other", "Besides")
    await store.append("q", [text("The Zugspitze.", "t")])
    await store.keep_writing("q", "t", "too late")
    (turn,) = await store.turns(conversation.id)
    assert [told(payload) for payload in turn.payloads] == ["The Zugspitze.", "Besides"]


async def test_a_text_that_was_taken_back_leaves_nothing(store):
    conversation = await begun(store)
    await store.keep_writing("q", "m", "Hm")
    await store.keep_writing("q", "m", "")
    assert (await store.turns(conversation.id))[0].payloads == []


async def test_pieces_of_text_are_left_out(store):
    conversation = await begun(store)
    await store.append("q", [piece(), text("Hello"), piece("text_replaced")])
    assert (await store.turns(conversation.id))[0].payloads == [text("Hello")]


async def test_writing_half_a_surrogate_pair_stops_nothing(store):
    conversation = await begun(store)
    await store.keep_writing("q", "m", "a\ud83d")
    assert told((await store.turns(conversation.id))[0].payloads[0]) == "a?"


async def test_what_belongs_to_a_question_comes_back_with_it(store):
    conversation = await begun(store)
    await store.begin_turn(conversation.id, "q2", "More?", [])
    await store.set_extra("q2", {"a": 1})
    await store.set_extra("q2", {"calls": [{"name": "Sum", "odd": "\ud800 ✓"}]})
    assert [turn.extra for turn in await store.turns(conversation.id)] == [
        {},
        {"calls": [{"name": "Sum", "odd": "\ud800 ✓"}]},
    ]


async def test_a_question_that_is_not_there_is_told(store):
    for call in (store.keep_writing("no", "m", "x"), store.set_extra("no", {})):
        with pytest.raises(StoreError) as raised:
            await call
        assert raised.value.hint


_WRITER = """
import asyncio, sys
from pathlib import Path
from elysia_desktop.stores.conversations import Conversations

async def main():
    store = Conversations(Path(sys.argv[1]))
    conversation = await store.create("killed")
    await store.begin_turn(conversation.id, "q", "count", [])
    text = ""
    for number in range(100_000):
        text += f" {number}"
        await store.keep_writing("q", "m", text)
        print(number, flush=True)

asyncio.run(main())
"""


async def test_what_was_shown_of_an_answer_survives_a_killed_process(tmp_path):
    path = tmp_path / "c.db"
    command = [sys.executable, "-c", _WRITER, str(path)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as writer:  # noqa: ASYNC220 - nothing else runs
        for _ in range(60):
            line = writer.stdout.readline()
        writer.kill()
        last = int((writer.stdout.read().split() or [line])[-1])
    async with opened(path) as store:
        (conversation,) = await store.list()
        (turn,) = await store.turns(conversation.id)
        await store.begin_turn(conversation.id, "q2", "and on", [])
    words = [int(word) for word in told(turn.payloads[-1]).split()]
    assert words == list(range(len(words)))
    assert words[-1] in {last, last + 1}
    assert turn.seconds is None


async def test_many_answers_are_written_at_once(store):
    conversation = await begun(store)
    await asyncio.gather(*(store.keep_writing("q", f"m{n}", f"text {n}") for n in range(20)))
    (turn,) = await store.turns(conversation.id)
    assert [told(payload) for payload in turn.payloads] == [f"text {n}" for n in range(20)]
