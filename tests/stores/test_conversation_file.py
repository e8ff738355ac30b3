"""What is kept in the file of conversations shares its thread, its transactions and its end."""

import contextlib
import sqlite3

import pytest

from elysia_desktop.core.errors import StoreError
from elysia_desktop.stores.conversation_file import ConversationFile
from elysia_desktop.stores.conversation_states import ConversationStates
from elysia_desktop.stores.conversations import Conversations

FULL = 2
"""What SQLite calls waiting for the disk at each commit."""


@pytest.fixture
async def file(tmp_path):
    file = ConversationFile(tmp_path / "c.db", busy_timeout=0.1)
    yield file
    await file.close()


async def how_synced(file):
    return await file.read(lambda database: database.execute("PRAGMA synchronous").fetchone()[0])


def insert(database):
    database.execute("INSERT INTO leftovers VALUES ('a', 'a.md', 'c', '')")


def count(database):
    return database.execute("SELECT count(*) FROM leftovers").fetchone()[0]


async def test_only_what_is_noted_does_not_wait_for_the_disk(file):
    assert await how_synced(file) == FULL
    assert await file.note(how_synced_within) < FULL
    assert await file.write(how_synced_within) == FULL
    assert await how_synced(file) == FULL


def how_synced_within(database):
    return database.execute("PRAGMA synchronous").fetchone()[0]


async def test_a_note_that_fails_is_undone_and_later_writes_wait_for_the_disk(file, tmp_path):
    def fails(database):
        insert(database)
        raise StoreError("No.")

    with pytest.raises(StoreError):
        await file.note(fails)
    assert await file.read(count) == 0
    assert await how_synced(file) == FULL
    with contextlib.closing(sqlite3.connect(tmp_path / "c.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another program"):
            await file.note(insert)
    assert await how_synced(file) == FULL
    await file.note(insert)
    assert await file.read(count) == 1


async def test_parts_share_the_file_and_close_with_it(tmp_path):
    conversations = Conversations(tmp_path / "c.db")
    states = ConversationStates(conversations.file)
    conversation = await conversations.create("T")
    await states.save_storage(conversation.id, {"a": 1})
    assert await conversations.load_storage(conversation.id) == {"a": 1}
    await conversations.close()
    with pytest.raises(StoreError, match="closed"):
        await states.load_storage(conversation.id)


async def test_opening_a_file_that_is_up_to_date_writes_nothing(tmp_path):
    """So that a full disk can still be read."""

    async def opened():
        file = ConversationFile(tmp_path / "c.db")
        assert await file.read(count) == 0
        await file.close()
        return (tmp_path / "c.db").read_bytes()

    assert await opened() == await opened()
