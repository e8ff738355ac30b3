import pytest
from hypothesis import given
from hypothesis import strategies as st
from state.saying import LAWS

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.state.memory_documents import MemoryDocuments
from elysia_desktop.stores.files.base import FileRefused

GUIDE = (
    "# Cats\n\nCats sleep for most of the day.\n\n# Dogs\n\nDogs bark at strangers. " + "A dog waits. " * 60
)


@pytest.fixture
async def documents():
    made = MemoryDocuments()
    await made.write("guide.md", GUIDE)
    await made.write("birds.txt", "Birds sing in the morning.")
    return made


async def test_a_written_text_is_a_file(documents):
    guide, birds = documents.listed()
    assert (guide.name, guide.kind, birds.kind) == ("guide.md", "markdown", "text")
    assert guide.size == len(GUIDE.encode())
    assert guide.tokens > birds.tokens > 0
    assert guide.id != birds.id
    assert await documents.text(birds.id) == "Birds sing in the morning."
    assert list(await documents.pages(birds.id)) == []


async def test_the_passages_that_fit_best_come_first(documents):
    found = await documents.search("when do cats sleep")
    assert found[0].name == "guide.md"
    assert "Cats sleep" in found[0].passage.text
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert (await documents.search("birds"))[0].name == "birds.txt"
    assert await documents.search("submarine") == []
    assert await documents.search("") == []
    assert len(await documents.search("dog waits cats birds", limit=1)) == 1


async def test_only_the_files_asked_for_are_searched(documents):
    guide, birds = documents.listed()
    assert await documents.search("cats", document_ids=[birds.id]) == []
    assert await documents.search("cats", document_ids=[guide.id])
    with pytest.raises(QueryRejected, match="nowhere"):
        await documents.search("cats", document_ids=["nowhere"])


async def test_a_file_that_is_not_in_use_is_not_found(documents):
    guide, birds = documents.listed()
    await documents.use(guide.id, False)
    assert documents.listed() == [birds]
    assert await documents.search("cats") == []
    assert await documents.text(guide.id)
    await documents.use(guide.id, True)
    assert await documents.search("cats")


async def test_a_rare_word_says_more_than_a_common_one():
    documents = MemoryDocuments()
    for number in range(6):
        await documents.add(
            f"{number}.txt", "the cat and the dog" if number < 5 else "the cat and the submarine"
        )
    found = await documents.search("dog cat submarine")
    assert found[0].name == "5.txt"


async def test_writing_replaces_what_was_written_and_not_what_was_added():
    documents = MemoryDocuments()
    await documents.add("a.txt", "of the person")
    first = await documents.write("a.txt", "first")
    second = await documents.write("a.txt", "second")
    texts = [await documents.text(file.id) for file in documents.listed()]
    assert texts == ["of the person", "second"]
    assert first.id != second.id
    assert await documents.search("first") == []
    await documents.add("a.txt", "of the person too")
    assert len(documents.listed()) == 3


async def test_a_deleted_file_is_gone(documents):
    guide, _ = documents.listed()
    await documents.delete(guide.id)
    assert [file.name for file in documents.listed()] == ["birds.txt"]
    for ask in (documents.text, documents.pages, documents.delete):
        with pytest.raises(QueryRejected, match=guide.id):
            await ask(guide.id)


async def test_in_signs_alone_nothing_is_found():
    documents = MemoryDocuments()
    assert await documents.search("cats") == []
    await documents.write("a.txt", "…")
    assert await documents.search("cats …") == []


async def test_a_blank_text_is_refused():
    with pytest.raises(FileRefused):
        await MemoryDocuments().write("a.txt", "  \n ")


@LAWS
@given(
    st.lists(st.text(alphabet="abc .\n", min_size=1, max_size=80).filter(str.strip), max_size=4),
    st.text(alphabet="abc ", max_size=8),
)
async def test_whatever_is_found_has_a_word_of_the_question(texts, question):
    documents = MemoryDocuments()
    for number, text in enumerate(texts):
        await documents.write(f"{number}.txt", text)
    found = await documents.search(question, limit=100)
    for one in found:
        assert set(question.split()) & set(one.passage.text.replace(".", " ").split())
        text = await documents.text(one.passage.document_id)
        assert text[one.passage.start : one.passage.end] == one.passage.text
