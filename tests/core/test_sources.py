import logging
import time
from itertools import pairwise
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.core.environment import Environment
from elysia_desktop.core.files import FoundPassage, Passage
from elysia_desktop.core.sources import (
    Source,
    SourceMarks,
    Sources,
    inert,
    passage_object,
    shown_source,
    without_marks,
)

TEXTS = st.lists(
    st.sampled_from(
        [
            "[source1]", "[source12]", "[Source 2, source 3]", "[source1; 2]", "[source1-3]", "(source2)", "<source1>",
            "</source1>", "【source3】", "[1]", "[sou", "source", "[source", "]", "[", "(", " ", "  ", "\n", ".", "a",
            "Sky is blue", "1", "[source99]", "[source1 and source2]", ", ", "s", "[^1]", "é", "[sources 1 2]",
            "rce1]", "[sou[source1]rce1]", "<source1 ", ">", "<", "(source: WHO)",
        ]
    ),
    max_size=14,
).map("".join)  # fmt: skip


def cut(text, places):
    bounds = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[start:end] for start, end in pairwise(bounds)]


def shown(pieces):
    marks = SourceMarks()
    return [*(marks.feed(piece) for piece in pieces), marks.end()]


def environment_with(number):
    environment = Environment()
    environment.add_objects("search_documents", "a.pdf", [{"content": f"text {n}"} for n in range(number)])
    return environment


@pytest.fixture
def environment():
    """Three objects."""
    return environment_with(3)


@pytest.fixture
def sources(environment):
    """The objects numbered in their order."""
    made = Sources(environment)
    assert [made.number(f"search_documents_a.pdf_1_{n}") for n in range(3)] == [1, 2, 3]
    return made


REFS = [f"search_documents_a.pdf_1_{n}" for n in range(3)]


def test_a_number_is_given_once_and_stays(sources, environment):
    assert sources.number(REFS[1]) == 2
    again = Sources(Environment.from_json(environment.to_json()))
    assert again.number(REFS[2]) == 3
    assert [again.ref_id(n) for n in range(-1, 5)] == [None, None, *REFS, None]
    assert "sources" not in environment.environment


def test_the_number_of_an_object_that_was_removed_is_not_used_again(sources, environment):
    environment.remove("search_documents", "a.pdf")
    (added,) = environment.add_objects("search_documents", "a.pdf", [{"content": "new"}])
    assert sources.number(added["_REF_ID"]) == 4
    assert sources.ref_id(1) is None
    assert sources.segments("Old [source1].") == [{"text": "Old.", "ref_ids": []}]


def test_numbers_given_on_many_threads_are_all_different():
    environment = environment_with(200)
    refs = [item["_REF_ID"] for _, _, entry in environment.entries() for item in entry["objects"]]
    threads = [Thread(target=lambda: [Sources(environment).number(ref) for ref in refs]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [Sources(environment).number(ref) for ref in refs] == list(range(1, 201))


def test_what_a_damaged_file_holds_in_place_of_the_numbers_is_no_harm():
    environment = environment_with(1)
    environment.hidden_environment["sources"] = {"a": 1}
    assert Sources(environment).ref_id(1) is None
    assert Sources(environment).number(REFS[0]) == 1


@pytest.mark.parametrize(
    ("mark", "cited"),
    [
        ("[source1]", [1]),
        ("[Source 1]", [1]),
        ("[SOURCE_1]", [1]),
        ("[source #1]", [1]),
        ("[source: 2]", [2]),
        ("[source1, source2]", [1, 2]),
        ("[sources 1 and 3]", [1, 3]),
        ("[source1; 2]", [1, 2]),
        ("[source1-3]", [1, 2, 3]),
        ("[source1 – source3]", [1, 2, 3]),
        ("[source1][source3]", [1, 3]),
        ("[source1] [source1]", [1]),
        ("(source1)", [1]),
        ("<source1>", [1]),
        ("</source1>", [1]),
        ("【source2】", [2]),
        ("[source1-99999]", [1]),
        ("[source99]", []),
        ("[source0]", []),
        ("[source99, source2]", [2]),
    ],
)
def test_a_mark_as_models_write_it_is_a_citation(sources, mark, cited):
    (segment,) = sources.segments(f"The sky is blue {mark}.")
    assert segment == {"text": "The sky is blue.", "ref_ids": [REFS[n - 1] for n in cited]}
    assert sources.cited(mark) == tuple(Source(n, REFS[n - 1]) for n in cited)


@pytest.mark.parametrize(
    "text",
    ["see [1]", "a[0] and (1)", "[sources]", "[source]", "[resource1]", "[a](http://source1)", "[source1", "the source 1",
     "[source1](", "outsource1]", "[source1 of many]"],
)  # fmt: skip
def test_what_is_no_mark_stays_text(sources, text):
    without = text.replace("[source1](", "(")
    assert "".join(segment["text"] for segment in sources.segments(text)) == without
    assert "".join(shown(text)) == without


def test_a_segment_ends_with_its_marks(sources):
    told = sources.segments("Blue [source1]. Green [source2], they say. [source3] Red.\n\nNothing.")
    assert told == [
        {"text": "Blue.", "ref_ids": [REFS[0]]},
        {"text": " Green,", "ref_ids": [REFS[1]]},
        {"text": " they say.", "ref_ids": [REFS[2]]},
        {"text": " Red.\n\nNothing.", "ref_ids": []},
    ]


def test_a_citation_of_nothing_is_logged(sources, caplog):
    with caplog.at_level(logging.INFO, "elysia_desktop"):
        sources.segments("Blue [source7].")
    assert "Dropped citations" in caplog.text


def test_no_half_of_a_mark_is_shown():
    pieces = shown(["Blue", " [sou", "rce", "1", "] sky", " (the", " blue one) ["])
    assert pieces == ["Blue", "", "", "", " sky", " (the", " blue one)", " ["]


@given(TEXTS, st.lists(st.integers(0, 200)))
def test_the_text_shown_does_not_depend_on_how_it_was_cut(text, places):
    assert "".join(shown(cut(text, places))) == without_marks(text)


@given(TEXTS)
def test_the_segments_say_what_was_shown_and_cite_what_exists(text):
    environment = environment_with(3)
    sources = Sources(environment)
    for ref in REFS[:2]:
        sources.number(ref)
    segments = sources.segments(text)
    assert "".join(segment["text"] for segment in segments) == "".join(shown([text]))
    for segment in segments:
        assert all(environment.object(ref) for ref in segment["ref_ids"])
        assert len(set(segment["ref_ids"])) == len(segment["ref_ids"])


@given(TEXTS)
def test_a_source_cannot_cite_nor_end_itself(text):
    quoted = inert(text)
    assert without_marks(quoted) == quoted
    assert shown_source(1, text).count("</source1>") == 1
    assert shown_source(1, "a", text).count("</source1>") == 1


@pytest.mark.parametrize(
    "text",
    [
        " " * 60_000, "[" * 60_000, "[source" + "1," * 30_000, "(s" * 30_000, "[source" + "1" * 60_000,
        "[source1" + "  1" * 20_000, "[source1" + " - source 1" * 6_000, "[source1" * 8_000, "<source" * 9_000,
        "[source1" + " and and" * 6_000, "[source1" + "1 2  3, 4" * 7_000 + "x",
    ],
    ids=lambda text: text[:16].strip() or "blank",
)  # fmt: skip
def test_a_hostile_text_is_shown_without_delay(text):
    started = time.process_time()
    said = "".join(shown([text[at : at + 40] for at in range(0, len(text), 40)]))
    inert(text)
    assert len(said) >= len(text) - 40
    without_marks(text)
    assert time.process_time() - started < 20


def test_a_passage_is_the_same_object_whenever_it_is_found():
    passage = Passage("d1", 3, 10, 14, "text", 2, "A › B")
    made = passage_object(passage, "a.pdf")
    assert made == {
        "title": "a.pdf", "content": "text", "document_id": "d1", "page": 2, "heading": "A › B", "start": 10, "end": 14,
        "uuid": made["uuid"],
    }  # fmt: skip
    environment = Environment()
    for _ in range(2):
        environment.add_objects("search_documents", "a.pdf", [passage_object(passage, "a.pdf")])
    assert environment.find("search_documents", "a.pdf", 1)["objects"] == [
        {"object_info": "[repeat]", "_REF_ID": "search_documents_a.pdf_1_0"}
    ]


def test_a_passage_is_numbered_once_whoever_found_it():
    environment = Environment()
    first, other = (Passage("d1", n, 10 * n, 10 * n + 4, f"text {n}") for n in range(2))
    stored = environment.add_objects("search_documents", "a.pdf", [passage_object(first, "a.pdf")])
    sources = Sources(environment)
    assert [sources.passage(FoundPassage(each, "a.pdf", 1.0)) for each in (other, first, other)] == [1, 2, 1]
    assert sources.ref_id(2) == stored[0]["_REF_ID"]
    assert len(environment.find("search_documents", "a.pdf")) == 2
