import pytest
from engine.documents import FakeDocuments, Held, about
from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.core.collection_data import CollectionData
from elysia_desktop.core.environment import Environment
from elysia_desktop.core.errors import QueryRejected, ToolError
from elysia_desktop.core.tree_data import Atlas, TreeData
from elysia_desktop.engine.answering import numbered
from elysia_desktop.engine.context import environment_text
from elysia_desktop.engine.documents import (
    SHOWN,
    PassageRetrieval,
    chosen,
    chosen_one,
    documents_of,
    excerpt,
    files_text,
)


def state_with(*held):
    state = TreeData(CollectionData([]), Atlas())
    state.documents = FakeDocuments(*held) if held else None
    return state


def test_files_are_chosen_by_name_or_id_whatever_their_case():
    state = state_with(Held("Plan.pdf", "a"), Held("notes.md", "b"))
    assert [file.name for file in chosen(state, [])] == ["Plan.pdf", "notes.md"]
    assert [file.name for file in chosen(state, ["plan.PDF ", "id-notes.md", "Plan.pdf"])] == [
        "Plan.pdf",
        "notes.md",
    ]
    with pytest.raises(QueryRejected, match="There is no file “plan") as raised:
        chosen(state, ["plan.doc"])
    assert raised.value.hint == "Use one of: Plan.pdf, notes.md."


def test_a_part_of_a_name_does_where_it_is_in_no_other():
    state = state_with(Held("Annual report 2024.pdf", "a"), Held("Annual plan.pdf", "b"))
    for told in ("report", "annual Report 2024", "“Annual\n report…”", "Annual report 2024.pdf"):
        assert [file.name for file in chosen(state, [told])] == ["Annual report 2024.pdf"]
    for told in ("annual", "", "…", "poem"):
        with pytest.raises(QueryRejected, match="There is no file"):
            chosen(state, [told])


def test_files_of_the_same_name_are_told_apart():
    state = state_with(
        Held("a.txt", "one", document_id="11111111-1"), Held("a.txt", "two", document_id="22222222-2")
    )
    assert files_text(state) == "Files: “a.txt (11111111)”, “a.txt (22222222)”."
    assert chosen_one(state, "a.txt (22222222)").id == "22222222-2"


def test_the_only_file_need_not_be_named():
    assert chosen_one(state_with(Held("a.txt", "one")), None).name == "a.txt"
    with pytest.raises(QueryRejected, match="which file is meant"):
        chosen_one(state_with(Held("a.txt", "one"), Held("b.txt", "two")), "")


def test_many_and_long_names_are_told_in_few_words():
    state = state_with(*(Held(f"{n} {'long ' * 50}\n# Options.pdf", "a") for n in range(200)))
    told = files_text(state)
    assert len(told) < 1_000
    assert "\n" not in told
    assert told.endswith("and 188 more.")


def test_without_files_there_is_nothing_to_work_on():
    with pytest.raises(ToolError, match="no files in use"):
        documents_of(state_with())
    with pytest.raises(ToolError, match="no files in use"):
        documents_of(TreeData(CollectionData([]), Atlas()))


@given(
    st.integers(0, 3 * SHOWN),
    st.lists(st.tuples(st.integers(0, 3 * SHOWN), st.integers(1, 2_000)), max_size=10),
)
def test_a_span_of_an_excerpt_holds_the_same_words(length, places):
    text = "".join(chr(97 + n % 26) for n in range(length))
    spans = [(start, min(start + size, length)) for start, size in places if start < length]
    shown, moved = excerpt(text, spans)
    assert len(shown) <= SHOWN + 200
    assert len(moved) == len(spans)
    for (start, end), (new_start, new_end) in zip(spans, moved, strict=True):
        assert (new_start, new_end) == (0, 0) or shown[new_start:new_end] == text[start:end]
    if length <= SHOWN:
        assert (shown, moved) == (text, spans)
    elif spans:
        assert moved[0][1] > moved[0][0]


async def test_a_file_is_shown_with_its_passages_and_one_that_is_long_in_part():
    for topics, whole in ((["tents", "ropes"], True), (["tents", *["nothing"] * 60, "ropes"], False)):
        held = Held("guide.pdf", about(*topics), kind="pdf", pages=(0, 700))
        text, passages = held.text, held.passages
        assert (len(text) <= SHOWN) is whole
        found = PassageRetrieval([passages[-1], passages[0]], held.file, text, {"query_text": "ropes"})
        stored = Environment().add("search_documents", found)
        found.objects = stored
        payload = (await found.to_frontend("u", "c", "q"))["payload"]
        (shown,) = payload["objects"]
        assert payload["type"] == "document"
        assert payload["metadata"]["query_text"] == "ropes"
        assert shown["title"] == "guide.pdf"
        assert shown["is_excerpt"] is not whole
        assert ("shown in part" in shown["category"]) is not whole
        assert len(shown["content"]) <= SHOWN + 200
        assert shown["_REF_ID"] == "search_documents_guide.pdf_1_0"
        for span, item in zip(shown["chunk_spans"], stored, strict=True):
            assert span["_REF_ID"] == item["_REF_ID"]
            assert shown["content"][span["start"] : span["end"]] == item["content"]
            assert text[item["start"] : item["end"]] == item["content"]


async def test_a_prompt_tells_a_passage_whole_with_its_place():
    held = Held("guide.pdf", about("tents", "ropes", words=200), kind="pdf", pages=(0, 700))
    environment = Environment()
    environment.add("search_documents", PassageRetrieval(held.passages, held.file, held.text))
    shown = numbered(environment, 2_000)
    assert shown.text.count("It goes on.") == "".join(each.text for each in held.passages).count(
        "It goes on."
    )
    assert "[1] guide.pdf, page 1: This speaks of tents." in shown.text
    assert "\n[2] guide.pdf, page 2: It goes on. This speaks of ropes." in shown.text
    assert "id-guide.pdf" not in shown.text
    assert "From search_documents, guide.pdf: 2 object(s)" in environment_text(environment, 400)
