"""Conversations are kept as they were shown, through restarts, crashes and damage."""

import asyncio
import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elysia_desktop.core.errors import StoreError
from elysia_desktop.stores.conversations import Conversations

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=12,
)
payloads = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["text", "result", "tree_update", "status", "completed", "odd"]),
            "id": st.text(max_size=8),
            "payload": st.fixed_dictionaries({"objects": json_values}) | json_values,
        }
    ),
    max_size=6,
)


def text(words):
    return {"type": "text", "id": "t", "payload": {"type": "response", "objects": [{"text": words}]}}


def result(*objects):
    return {"type": "result", "id": "r", "payload": {"type": "table", "objects": list(objects)}}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "profile" / "conversations.db"


@pytest.fixture
async def store(path):
    store = Conversations(path)
    yield store
    await store.close()


@contextlib.asynccontextmanager
async def opened(path, **options):
    store = Conversations(path, **options)
    try:
        yield store
    finally:
        await store.close()


async def titles(store, search=""):
    return [summary.title for summary in await store.list(search)]


async def asked(store, title, prompt="", *answers, collections=()):
    conversation = await store.create(title)
    query_id = f"q-{conversation.id}"
    await store.begin_turn(conversation.id, query_id, prompt, collections)
    await store.append(query_id, list(answers))
    await store.end_turn(query_id, 1.0)
    return conversation.id


# What is kept


@given(batches=st.lists(payloads, max_size=3), prompt=st.text(st.characters(exclude_categories=["Cs"])))
@settings(max_examples=40, deadline=None)
def test_payloads_come_back_as_they_were_sent_after_a_restart(batches, prompt):
    async def keep_and_read(path):
        async with opened(path) as store:
            conversation = await store.create()
            await store.begin_turn(conversation.id, "q", prompt, ["A", "B"])
            for batch in batches:
                await store.append("q", batch)
            await store.end_turn("q", 2.5, stopped=True)
        async with opened(path) as store:
            return await store.turns(conversation.id)

    with tempfile.TemporaryDirectory() as folder:
        (turn,) = asyncio.run(keep_and_read(Path(folder) / "c.db"))
    assert turn.payloads == [payload for batch in batches for payload in batch]
    assert (turn.query_id, turn.prompt, turn.seconds, turn.stopped) == ("q", prompt, 2.5, True)


async def test_turns_stay_in_order_when_two_runs_are_interleaved(store):
    conversation = await store.create()
    for query_id in ("one", "two"):
        await store.begin_turn(conversation.id, query_id, query_id, [])
    for number in range(3):
        await store.append("two", [text(f"two {number}")])
        await store.append("one", [text(f"one {number}")])
    turns = await store.turns(conversation.id)
    assert [turn.query_id for turn in turns] == ["one", "two"]
    for turn in turns:
        said = [payload["payload"]["objects"][0]["text"] for payload in turn.payloads]
        assert said == [f"{turn.query_id} {number}" for number in range(3)]


async def test_pieces_of_text_are_left_out_because_the_whole_text_follows(store):
    conversation = await store.create()
    await store.begin_turn(conversation.id, "q", "Hello", [])
    piece = {"type": "text_delta", "id": "d", "payload": {"message_id": "t", "delta": "Hel"}}
    await store.append("q", [piece])
    await store.append("q", [piece, text("Hello"), piece])
    assert (await store.turns(conversation.id))[0].payloads == [text("Hello")]


async def test_a_run_that_was_cut_off_has_no_duration_and_keeps_what_came(path):
    async with opened(path) as store:
        conversation = await store.create()
        await store.begin_turn(conversation.id, "q", "Hello", [])
        await store.append("q", [text("so far")])
    async with opened(path) as store:
        (turn,) = await store.turns(conversation.id)
    assert turn.seconds is None
    assert not turn.stopped
    assert turn.payloads == [text("so far")]
    assert turn.asked_at.tzinfo is not None


async def test_a_batch_is_kept_whole_or_not_at_all(store):
    conversation = await store.create()
    await store.begin_turn(conversation.id, "q", "Hello", [])
    with pytest.raises(TypeError):
        await store.append("q", [text("fine"), {"type": "odd", "payload": object()}])
    assert (await store.turns(conversation.id))[0].payloads == []


async def test_the_tree_and_the_draft_are_kept(path):
    async with opened(path) as store:
        conversation = await store.create()
        assert await store.load_tree(conversation.id) is None
        assert await store.draft(conversation.id) == ""
        await store.save_tree(conversation.id, {"version": 1})
        await store.save_tree(conversation.id, {"version": 2, "odd": "\ud800 ✓"})
        await store.set_draft(conversation.id, "half a qu")
    async with opened(path) as store:
        assert await store.load_tree(conversation.id) == {"version": 2, "odd": "\ud800 ✓"}
        assert await store.draft(conversation.id) == "half a qu"


async def test_half_a_surrogate_pair_in_pasted_text_stops_nothing(store):
    conversation = await store.create("a\ud800")
    await store.begin_turn(conversation.id, "q", "b\udfff", [])
    await store.set_draft(conversation.id, "\ud83d")
    assert await titles(store, "\ud800") == ["a?"]


# The list


async def test_the_newest_comes_first_and_pinned_ones_before_all(store):
    ids = {name: await asked(store, name) for name in ("first", "second", "third")}
    assert await titles(store) == ["third", "second", "first"]
    await store.pin(ids["first"])
    assert await titles(store) == ["first", "third", "second"]
    await store.begin_turn(ids["second"], "again", "more", [])
    assert await titles(store) == ["first", "second", "third"]
    await store.pin(ids["first"], pinned=False)
    assert await titles(store) == ["second", "third", "first"]


async def test_renaming_moves_nothing_in_the_list(store):
    first, _ = await asked(store, "first"), await asked(store, "second")
    await store.rename(first, "renamed")
    assert await titles(store) == ["second", "renamed"]


async def test_the_list_says_how_many_prompts_and_which_collections(store):
    conversation = await store.create("T")
    assert (conversation.prompts, conversation.collections, conversation.pinned) == (0, (), False)
    await store.begin_turn(conversation.id, "1", "a", ["Tickets", "Emails"])
    await store.begin_turn(conversation.id, "2", "b", ["Emails", "Products"])
    (listed,) = await store.list()
    assert listed.prompts == 2
    assert set(listed.collections) == {"Tickets", "Emails", "Products"}
    assert len(listed.collections) == 3
    assert listed.updated_at >= listed.created_at == conversation.created_at


# Search


async def test_search_finds_titles_prompts_answers_and_retrieved_objects(store):
    await asked(store, "Quarterly numbers")
    await asked(store, "two", "Which invoices are late?")
    await asked(store, "three", "?", text("The Zugspitze is the highest."))
    await asked(store, "four", "?", result({"city": "Reykjavík", "nested": {"tags": ["geyser"]}, "no": 4711}))
    for search, found in {
        "quart": ["Quarterly numbers"],
        "invo": ["two"],
        "zugspitze highest": ["three"],
        "reykjavik": ["four"],
        "GEYS": ["four"],
        "471": ["four"],
        "nothing": [],
    }.items():
        assert await titles(store, search) == found, search


async def test_all_words_must_be_there_but_not_in_one_place(store):
    await asked(store, "Berlin", "Which invoices?", text("Twelve."))
    await asked(store, "Berlin", "Which hotels?")
    await asked(store, "Paris", "Which invoices?")
    (found,) = await store.list("berlin inv twel")
    assert found.title == "Berlin"
    assert await titles(store, "berlin paris") == []


async def test_search_follows_a_new_title(store):
    conversation = await asked(store, "apples")
    await store.rename(conversation, "pears")
    assert await titles(store, "apples") == []
    assert await titles(store, "pear") == ["pears"]


async def test_search_finds_words_of_scripts_without_spaces(store):
    await asked(store, "city", "私は東京都に住んでいます")
    await asked(store, "mood", "all well 🎉 today")
    assert await titles(store, "東京") == ["city"]
    assert await titles(store, "🎉") == ["mood"]
    assert await titles(store, "京東") == []


@pytest.mark.parametrize(
    "search",
    ['"', "AND", "NOT a", "a OR", "a*", "(", "text:a", "^a", "a AND (b", "'", "\0a", "-", "{a b}", "%", "+"],
)
async def test_the_search_has_no_syntax_to_get_wrong(store, search):
    await asked(store, "alpha")
    await store.list(search)


async def test_any_text_can_be_searched_for(store):
    conversation = await asked(store, "alpha")

    async def search(entered):
        await store.rename(conversation, entered)
        await store.list(entered)

    loop = asyncio.get_running_loop()

    @given(entered=st.text(st.characters()))
    @settings(max_examples=60, deadline=None)
    def check(entered):
        asyncio.run_coroutine_threadsafe(search(entered), loop).result()

    await asyncio.to_thread(check)


async def test_a_pasted_page_of_words_can_be_searched_for(store):
    await asked(store, "alpha")
    assert await titles(store, "alpha " * 5000) == ["alpha"]


# The trash


async def test_a_deleted_conversation_is_hidden_until_it_is_restored(store):
    conversation = await asked(store, "gone", "hello")
    await store.delete(conversation)
    assert await titles(store) == []
    assert await titles(store, "hello") == []
    await store.restore(conversation)
    assert await titles(store, "hello") == ["gone"]
    assert len(await store.turns(conversation)) == 1


async def test_after_thirty_days_the_trash_is_emptied_at_the_next_start(path):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    async with opened(path, now=lambda: now) as store:
        old = await asked(store, "old", "secret plan", text("answer"))
        kept = await asked(store, "kept")
        await store.save_tree(old, {"a": 1})
        await store.delete(old)
    async with opened(path, now=lambda: now + timedelta(days=29)) as store:
        await store.turns(old)
        await store.delete(kept)
    async with opened(path, now=lambda: now + timedelta(days=31)) as store:
        with pytest.raises(StoreError):
            await store.restore(old)
        await store.restore(kept)
        assert await titles(store, "secret") == []
    with contextlib.closing(sqlite3.connect(path)) as database:
        for table, left in {"turns": 1, "payloads": 0, "trees": 0, "texts": 2}.items():
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (left,)
        database.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)")


# What goes wrong


async def test_an_unknown_conversation_or_question_is_told(store):
    for call in (
        store.turns("no"),
        store.rename("no", "x"),
        store.pin("no"),
        store.delete("no"),
        store.restore("no"),
        store.draft("no"),
        store.set_draft("no", "x"),
        store.save_tree("no", {}),
        store.load_tree("no"),
        store.begin_turn("no", "q", "x", []),
        store.append("no", [text("x")]),
        store.end_turn("no", 1.0),
    ):
        with pytest.raises(StoreError) as raised:
            await call
        assert raised.value.hint


async def test_a_question_is_begun_once(store):
    conversation = await store.create()
    await store.begin_turn(conversation.id, "q", "x", [])
    with pytest.raises(StoreError, match="before"):
        await store.begin_turn(conversation.id, "q", "y", [])
    assert [turn.prompt for turn in await store.turns(conversation.id)] == ["x"]


async def test_a_locked_file_is_told_after_a_while_and_works_again_later(path):
    async with opened(path, busy_timeout=0.1) as store:
        await store.create("before")
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="another program") as raised:
                await store.create("during")
            assert raised.value.hint
            assert await titles(store) == ["before"], "reading goes on"
        await store.create("after")
        assert await titles(store) == ["after", "before"]


async def test_trash_that_cannot_be_emptied_keeps_no_conversation_from_being_read(path):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    async with opened(path, now=lambda: now) as store:
        await asked(store, "kept")
        await store.delete(await asked(store, "old"))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        async with opened(path, busy_timeout=0.1, now=lambda: now + timedelta(days=31)) as store:
            assert await titles(store) == ["kept"]
    async with opened(path, now=lambda: now + timedelta(days=31)) as store:
        assert await titles(store) == ["kept"]
    with contextlib.closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM conversations").fetchone()[0] == 1


async def test_a_file_that_is_no_database_is_kept_aside_and_a_new_one_begun(path):
    path.parent.mkdir()
    path.write_bytes(b"something else entirely " * 100)
    async with opened(path) as store:
        assert await store.list() == []
        (aside,) = path.parent.glob("conversations.db.damaged-*")
        assert aside.name in store.notice
        assert aside.read_bytes() == b"something else entirely " * 100
        await store.create("new")
    async with opened(path) as store:
        assert await titles(store) == ["new"]
        assert not store.notice


async def test_damage_that_shows_later_is_told_and_nothing_is_thrown_away(path):
    async with opened(path) as store:
        conversation = await store.create("T")
        await store.begin_turn(conversation.id, "q", "x", [])
        await store.append("q", [text("word " * 3000) for _ in range(20)])
    content = bytearray(path.read_bytes())
    content[4096 * 2 :] = b"\xa5" * (len(content) - 4096 * 2)
    path.write_bytes(content)
    async with opened(path) as store:
        for _ in range(3):
            with contextlib.suppress(StoreError):
                await store.turns(conversation.id)
        assert "damaged" in store.notice
        assert await store.list() == []
        await store.create("new")
        assert await titles(store) == ["new"]
    (aside,) = [p for p in path.parent.glob("*.damaged-*") if not p.name.endswith(("-wal", "-shm"))]
    assert aside.stat().st_size == len(content)


async def test_a_damaged_search_index_is_made_anew_without_touching_the_rest(path):
    async with opened(path) as store:
        await asked(store, "alpha", "hello")
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE search_data SET block = x'ff00ff00ff' WHERE id > 10")
    async with opened(path) as store:
        with pytest.raises(StoreError, match="index") as raised:
            await store.list("hello")
        assert raised.value.hint
        assert await titles(store, "hello") == ["alpha"]
        assert not store.notice


async def test_a_file_of_a_newer_version_is_left_alone(path):
    async with opened(path) as store:
        await store.create("T")
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    async with opened(path) as store:
        with pytest.raises(StoreError, match="newer version") as raised:
            await store.list()
        assert "Update" in raised.value.hint
    assert path.read_bytes() == before


async def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "file" / "c.db", tmp_path / "folder"):
        async with opened(path) as store:
            with pytest.raises(StoreError, match="written") as raised:
                await store.list()
            assert raised.value.hint


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
async def test_only_the_owner_can_read_what_is_kept(path, store):
    await store.create("T")
    assert path.parent.stat().st_mode & 0o777 == 0o700
    for file in path.parent.iterdir():
        assert file.stat().st_mode & 0o777 == 0o600, file.name


# Processes


async def test_two_instances_write_at_once_and_see_each_other(path):
    async with opened(path) as one, opened(path) as two:
        conversations = await asyncio.gather(*(s.create(f"{i}") for i in range(10) for s in (one, two)))
        for number, conversation in enumerate(conversations):
            writer, reader = (one, two) if number % 2 else (two, one)
            await writer.begin_turn(conversation.id, f"q{number}", "x", [])
            assert len(await reader.turns(conversation.id)) == 1
        assert await titles(one) == await titles(two)
        assert len(await one.list()) == 20


_WRITER = """
import asyncio, sys
from pathlib import Path
from elysia_desktop.stores.conversations import Conversations

async def main():
    store = Conversations(Path(sys.argv[1]))
    conversation = await store.create("killed")
    await store.begin_turn(conversation.id, "q", "count", [])
    number = 0
    while True:
        await store.append("q", [{"type": "status", "payload": {"text": f"{number + i}"}} for i in range(3)])
        number += 3
        print(number, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("acknowledged", [1, 7, 40])
async def test_what_was_acknowledged_survives_a_killed_process(path, acknowledged):
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", _WRITER, str(path)]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as writer:  # noqa: ASYNC220 - nothing else runs
        for _ in range(acknowledged):
            line = writer.stdout.readline()
        writer.kill()
        rest = writer.stdout.read().split()
    last = int((rest or [line])[-1])
    async with opened(path) as store:
        (conversation,) = await store.list()
        (turn,) = await store.turns(conversation.id)
        assert not store.notice
    numbers = [int(payload["payload"]["text"]) for payload in turn.payloads]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) in {last, last + 3}
    assert turn.seconds is None


async def test_the_loop_goes_on_while_a_call_waits_for_the_file(path):
    async with opened(path, busy_timeout=1.0) as store:
        await store.create("T")
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            waiting = asyncio.create_task(store.create("waits"))
            turns = 0
            while not waiting.done() and turns < 10:
                await asyncio.sleep(0.01)
                turns += 1
            other.execute("ROLLBACK")
        assert turns == 10
        await waiting


async def test_closing_twice_is_fine_and_nothing_works_afterwards(path):
    store = Conversations(path)
    await store.close()
    await store.close()
    assert not path.exists(), "nothing is made before it is needed"
    with pytest.raises(StoreError, match="closed"):
        await store.list()
