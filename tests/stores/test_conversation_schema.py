"""Files of earlier versions open, with everything that was in them."""

import contextlib
import json
import sqlite3

import pytest
from stores.keeping import found, opened, text

from elysia_desktop.stores.conversation_schema import MIGRATIONS, TABLES


@pytest.fixture
def first_version(tmp_path):
    """A file as the first version of the application left it, with one answered question."""
    path = tmp_path / "conversations.db"
    moment = "2026-01-02T03:04:05.000006+00:00"
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        for statement in MIGRATIONS[0]:
            database.execute(statement)
        database.execute("PRAGMA user_version = 1")
        database.execute(
            "INSERT INTO conversations (id, title, created_at, updated_at) VALUES ('c', 'Old one', ?, ?)",
            (moment, moment),
        )
        database.execute(
            "INSERT INTO turns (query_id, conversation, prompt, collections, asked_at, seconds) "
            "VALUES ('q', 1, 'Where?', '[\"Boats\"]', ?, 2.5)",
            (moment,),
        )
        database.execute("INSERT INTO payloads (turn, body) VALUES (1, ?)", (json.dumps(text("In Bergen.")),))
        database.execute("INSERT INTO trees (conversation, body) VALUES (1, '{\"a\": 1}')")
        for is_title, words in ((1, "Old one"), (0, "Where?"), (0, "In Bergen.")):
            database.execute(
                "INSERT INTO texts (conversation, is_title, text) VALUES (1, ?, ?)", (is_title, words)
            )
    return path


async def test_a_file_of_the_first_version_opens_with_all_that_was_in_it(first_version):
    async with opened(first_version) as store:
        (turn,) = await store.turns("c")
        assert (turn.prompt, turn.seconds, turn.collections) == ("Where?", 2.5, ("Boats",))
        assert turn.payloads == [text("In Bergen.")]
        assert turn.extra == {}
        assert await store.load_tree("c") == {"a": 1}
        assert await store.load_storage("c") == {}
        assert await found(store, "bergen") == ["Old one"]
        assert not store.notice


async def test_an_old_conversation_takes_all_that_is_new(first_version):
    async with opened(first_version) as store:
        await store.set_extra("q", {"calls": [1]})
        await store.save_storage("c", {"seen": True})
        await store.keep_writing("q", "m", "so far")
        await store.replace_text("q", "In Narvik.", "t")
    async with opened(first_version) as store:
        (turn,) = await store.turns("c")
        assert turn.extra == {"calls": [1]}
        assert await store.load_storage("c") == {"seen": True}
        assert turn.payloads[-1]["payload"]["objects"] == [{"text": "so far"}]
        assert await found(store, "bergen") == []
        assert await found(store, "narvik") == ["Old one"]


async def test_a_repair_knows_every_table(tmp_path):
    async with opened(tmp_path / "c.db") as store:
        await store.create("T")
    with contextlib.closing(sqlite3.connect(tmp_path / "c.db")) as database:
        names = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search%' "
            "AND name NOT LIKE 'sqlite_%'"
        )
        assert {name for (name,) in names} == set(TABLES)
