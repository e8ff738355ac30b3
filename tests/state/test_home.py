"""A home in memory: what goes in and comes out are copies, and saving twice changes nothing."""

import pytest

from elysia_desktop.state import MemoryHome, Message


async def test_what_is_saved_comes_back_in_order():
    home = MemoryHome()
    await home.save([Message.USER("One."), Message.ASSISTANT("Two.")])
    await home.save([Message.USER("Three.")])
    assert [m.content for m in await home.messages()] == ["One.", "Two.", "Three."]


async def test_saving_twice_keeps_the_same_and_a_known_id_is_replaced():
    home, message = MemoryHome(), Message.USER("One.")
    await home.save([message])
    await home.save([message])
    message.update("Else.")
    assert [m.content for m in await home.messages()] == ["One."]
    await home.save([message])
    assert [m.content for m in await home.messages()] == ["Else."]


async def test_what_comes_out_are_copies():
    home = MemoryHome(messages=[Message.USER("One.", extra={"a": [1]})])
    (read,) = await home.messages()
    read.update("Else.")
    read.extra["a"].append(2)
    (again,) = await home.messages()
    assert (again.content, again.extra) == ("One.", {"a": [1]})


async def test_deleting_says_how_many_were_kept():
    message = Message.USER("One.")
    home = MemoryHome(messages=[message])
    assert await home.delete([message.id, "nobody"]) == 1
    assert await home.delete([message.id]) == 0
    assert await home.messages() == []


async def test_storage_is_json_and_a_copy():
    home, values = MemoryHome(storage={"a": (1,)}), {"b": [1]}
    assert await home.storage() == {"a": [1]}
    await home.save_storage(values)
    values["b"].append(2)
    (await home.storage())["b"].append(3)
    assert await home.storage() == {"b": [1]}
    with pytest.raises(TypeError, match=r"storage\.a"):
        await home.save_storage({"a": object()})


async def test_its_files_are_its_own():
    first, second = MemoryHome(), MemoryHome()
    await first.documents.write("a.txt", "A ship.")
    assert [file.name for file in first.documents.listed()] == ["a.txt"]
    assert second.documents.listed() == []
