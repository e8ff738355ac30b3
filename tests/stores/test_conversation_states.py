"""What tools keep for the next question comes back after a restart."""

import pytest
from stores.keeping import opened

from elysia_desktop.core.errors import StoreError


async def test_storage_is_kept_apart_for_each_conversation_and_replaced_whole(tmp_path):
    async with opened(tmp_path / "c.db") as store:
        one, two = await store.create("one"), await store.create("two")
        assert await store.load_storage(one.id) == {}
        await store.save_storage(one.id, {"seen": [1, 2], "odd": "\ud800"})
        await store.save_storage(two.id, {"a": 1})
        await store.save_storage(two.id, {"b": 2})
    async with opened(tmp_path / "c.db") as store:
        assert await store.load_storage(one.id) == {"seen": [1, 2], "odd": "\ud800"}
        assert await store.load_storage(two.id) == {"b": 2}


async def test_what_is_no_json_is_refused_and_what_was_kept_stays(tmp_path):
    async with opened(tmp_path / "c.db") as store:
        conversation = await store.create("one")
        await store.save_storage(conversation.id, {"a": 1})
        with pytest.raises(TypeError):
            await store.save_storage(conversation.id, {"a": object()})
        assert await store.load_storage(conversation.id) == {"a": 1}


async def test_a_conversation_that_is_not_there_has_no_storage(tmp_path):
    async with opened(tmp_path / "c.db") as store:
        for call in (store.load_storage("no"), store.save_storage("no", {})):
            with pytest.raises(StoreError):
                await call
