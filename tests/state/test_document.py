import asyncio

import pytest

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.state.files import FileManager
from elysia_desktop.state.memory_documents import MemoryDocuments


@pytest.fixture
def files(bridge):
    return FileManager(MemoryDocuments(), bridge)


def test_a_file_tells_what_is_known_of_it_and_its_text(files):
    document = files.write("cats.md", "# Cats\n\nCats sleep.")
    assert (document.name, document.kind, document.pages, document.in_use) == (
        "cats.md",
        "markdown",
        None,
        True,
    )
    assert document.size == len("# Cats\n\nCats sleep.")
    assert document.tokens > 0
    assert document.added_at.tzinfo
    assert "Cats sleep." in document.content
    assert document.values("id", "name") == {"id": document.id, "name": "cats.md"}
    assert document.values()["note"] == document.note == ""
    assert document.values()["title"] == document.title
    assert "cats.md" in repr(document)


def test_two_documents_are_equal_when_they_are_the_same_file(files):
    document = files.write("a.txt", "a")
    assert files.get_by_id(document.id) == document
    assert files.write("b.txt", "a") != document


def test_writing_changes_the_text_and_what_is_found(files):
    document = files.write("a.txt", "cats")
    assert document.write("dogs") is document
    assert document.content == "dogs"
    assert files.get_by_id(document.id).content == "dogs"
    assert files.count() == 1
    assert len(files.search("cats")) == 0
    assert len(files.search("dogs")) == 1


def test_a_deleted_file_is_no_longer_there(files):
    kept, gone = files.write("a.txt", "a"), files.write("b.txt", "b")
    gone.delete()
    assert list(files) == [kept]
    with pytest.raises(QueryRejected):
        _ = gone.content
    files.delete(kept.id)
    assert files.count() == 0
    with pytest.raises(QueryRejected):
        files.delete(kept.id)


def test_what_was_found_becomes_a_context(files):
    files.write("cats.txt", "Cats sleep for most of the day.")
    files.write("dogs.txt", "Dogs bark.")
    told = files.search("who sleeps, cats?").as_context(300)
    assert "<source1>\ncats.txt\nCats sleep for most of the day.\n</source1>" in told


async def test_a_file_is_not_waited_for_on_the_event_loop_that_reads_it(bridge):
    async def read():
        return FileManager(MemoryDocuments(), bridge).write("a.txt", "a")

    with pytest.raises(RuntimeError, match="event loop"):
        await asyncio.to_thread(bridge.run, read())
