from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from state.keeping import ListedFiles, file
from state.saying import LAWS

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.state.files import FileManager
from elysia_desktop.state.lookups import Q

FILES = [
    file("Report.pdf", id="d1", kind="pdf", pages=12, size=5000, added_at=datetime(2026, 1, 1, tzinfo=UTC)),
    file(
        "notes.md",
        id="d2",
        kind="markdown",
        size=200,
        title="Notes",
        added_at=datetime(2026, 2, 1, tzinfo=UTC),
    ),
    file("annual report.docx", id="d3", kind="docx", size=900, added_at=datetime(2026, 3, 1, tzinfo=UTC)),
]


@pytest.fixture
def documents():
    return ListedFiles(*FILES)


@pytest.fixture
def files(documents, bridge):
    return FileManager(documents, bridge)


def names(found):
    return [document.name for document in found]


def test_the_files_read_well_in_a_prompt(files):
    told = f"Documents: {files.uploaded.values('id', 'name')}"
    assert told == (
        "Documents: [{'id': 'd1', 'name': 'Report.pdf'}, {'id': 'd2', 'name': 'notes.md'}, "
        "{'id': 'd3', 'name': 'annual report.docx'}]"
    )
    assert (
        f"{files.uploaded.filter(id='d1').values('added_at')}" == "[{'added_at': '2026-01-01 00:00+00:00'}]"
    )


def test_values_are_plain_dicts_of_all_fields_or_those_named(files):
    (row,) = files.filter(id="d1").values()
    assert row == {
        "id": "d1",
        "name": "Report.pdf",
        "kind": "pdf",
        "size": 5000,
        "tokens": 3,
        "added_at": FILES[0].added_at,
        "pages": 12,
        "title": "",
        "in_use": True,
        "note": "",
    }
    assert files.values("pages")[1:] == [{"pages": None}, {"pages": None}]


def test_nothing_is_read_before_the_files_are_gone_through(files, documents):
    query = files.uploaded.filter(name__icontains="report").exclude(kind="pdf").order_by("-size")
    assert documents.asked == []
    assert names(query) == ["annual report.docx"]
    assert documents.asked
    assert not any(asked[0] == "text" for asked in documents.asked)


def test_a_query_is_not_changed_by_what_is_made_of_it(files):
    query = files.uploaded.filter(size__lt=1000)
    query.filter(kind="docx")
    query.exclude(kind="docx")
    query.order_by("-name")
    assert names(query) == ["notes.md", "annual report.docx"]
    assert names(query.order_by("name")) == ["annual report.docx", "notes.md"]
    assert names(query.order_by("name").order_by()) == names(query.all()) == names(query)
    assert names(files) == names(FILES)


def test_files_that_come_later_are_found(files, documents):
    query = files.filter(kind="text")
    assert not query
    documents.files.append(file("new.txt"))
    assert names(query) == ["new.txt"]


def test_conditions_are_joined(files):
    assert names(files.filter(Q(kind="pdf") | Q(title__isnull=False, name__startswith="n"))) == [
        "Report.pdf",
        "notes.md",
    ]
    assert names(files.filter(~Q(kind="pdf"), size__gt=500)) == ["annual report.docx"]
    assert names(files.exclude(kind="pdf", size__gt=10_000)) == names(FILES)
    assert names(files.filter().exclude()) == names(FILES)


def test_queries_are_counted_sliced_and_asked_for_one(files):
    query = files.order_by("-added_at")
    assert (query.count(), len(query), query.exists()) == (3, 3, True)
    assert (query.first().id, query.last().id, query[1].id) == ("d3", "d1", "d2")
    assert names(query[1:]) == ["notes.md", "Report.pdf"]
    none = files.filter(kind="csv")
    assert (none.count(), none.exists(), none.first(), none.last()) == (0, False, None, None)
    with pytest.raises(IndexError):
        none[0]


def test_a_file_is_asked_for_by_its_id_or_its_name(files):
    assert files.get_by_id("d2").name == "notes.md"
    assert files.get_by_id("report.PDF").id == "d1"
    with pytest.raises(QueryRejected) as caught:
        files.get_by_id("d9")
    assert "“d9”" in str(caught.value)
    assert "d1 (Report.pdf), d2 (notes.md)" in caught.value.hint
    with pytest.raises(QueryRejected):
        files.filter(kind="pdf").get_by_id("d2")


def test_a_name_that_two_files_have_asks_for_neither(bridge):
    files = FileManager(ListedFiles(file("a.txt", id="1"), file("A.txt", id="2")), bridge)
    with pytest.raises(QueryRejected):
        files.get_by_id("a.txt")
    assert files.get_by_id("2").name == "A.txt"


@pytest.mark.parametrize(
    "ask",
    [
        lambda files: files.filter(nam="a"),
        lambda files: files.exclude(nam="a"),
        lambda files: files.order_by("-nam"),
        lambda files: files.values("nam"),
    ],
)
def test_an_unknown_field_is_told_at_once_with_those_there_are(files, documents, ask):
    with pytest.raises(QueryRejected) as caught:
        ask(files)
    assert "“nam” in files" in str(caught.value)
    assert caught.value.hint.startswith("Use one of: name, id")
    assert documents.asked == []


SOME = st.lists(
    st.builds(
        file,
        st.sampled_from(["a.txt", "B.txt", "c.md"]),
        id=st.uuids().map(str),
        size=st.integers(0, 4),
        pages=st.none() | st.integers(1, 3),
    ),
    max_size=5,
)


@LAWS
@given(SOME, st.integers(0, 4), st.sampled_from(["txt", "T", "a"]))
def test_chains_find_what_plain_python_finds(kept, size, part):
    files = FileManager(ListedFiles(*kept), None)
    query = (
        files.filter(size__gte=size)
        .exclude(Q(name__contains=part) & Q(pages__isnull=True))
        .order_by("-size", "name")
    )
    expected = [f for f in kept if f.size >= size and not (part in f.name and f.pages is None)]
    expected.sort(key=lambda f: (-f.size, f.name.casefold(), f.name))
    assert [d.id for d in query] == [f.id for f in expected]


def test_only_the_files_meant_are_searched(bridge):
    documents = ListedFiles(*FILES, texts={each.id: f"text of {each.id}" for each in FILES})
    files = FileManager(documents, bridge)
    found = files.exclude(kind="pdf").search("cats", limit=1)
    assert [one.passage.text for one in found] == ["text of d2"]
    assert documents.asked[-1] == ("search", "cats", 1, ("d2", "d3"))
    assert len(files.filter(kind="csv").search("cats")) == 0
    assert documents.asked[-1] == "listed"
    assert len(files.search("cats")) == 3


def test_small_files_are_told_whole_and_long_ones_from_their_beginning(bridge):
    texts = {"a.txt": "Short.", "b.txt": "word " * 2000}
    files = FileManager(ListedFiles(file("a.txt"), file("b.txt"), texts=texts), bridge)
    told = files.as_context(600)
    assert "<source1>\na.txt\nShort.\n</source1>" in told
    assert "<source2>\nb.txt\nword word" in told
    assert "Only the beginning is shown of: b.txt" in told
    assert "left out" not in told
    assert "beginning" not in files.filter(name="a.txt").as_context(600)


def test_files_for_which_there_is_no_room_are_counted(bridge):
    texts = {f"{n}.txt": "word " * 200 for n in range(20)}
    files = FileManager(ListedFiles(*map(file, texts), texts=texts), bridge)
    assert "more passages were left out" in files.as_context(400)
