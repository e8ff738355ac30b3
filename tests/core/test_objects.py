import json
from copy import deepcopy
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.core.objects import Response, Result, Retrieval, Text

ADDRESS = ("someone", "a conversation", "a query")


def joined(*parts):
    return Text("response", [{"text": part} for part in parts]).text


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (("Alien is old.", "Solaris is older."), "Alien is old. Solaris is older."),
        (("Alien. ", "Solaris."), "Alien. Solaris."),
        (("Alien.", "\nSolaris."), "Alien.\nSolaris."),
        (("Films:", "* Alien", "* Solaris"), "Films:\n* Alien\n* Solaris"),
        (("Films:\n", "* Alien"), "Films:\n* Alien"),
        (("a", "", "b"), "a b"),
        ((), ""),
        (("a _REF_ID b",), "a b"),
        (("a _REF_ID _REF_ID b",), "a b"),
        (("_REF_ID a",), "a"),
        (("a", "_REF_ID", "b"), "a b"),
        (("It is old [_REF_ID].",), "It is old."),
        (("It is old _REF_ID, or not (_REF_ID).",), "It is old, or not."),
        (("(see _REF_ID)",), "(see)"),
        (("a[_REF_ID] b",), "a b"),
        (("a\n_REF_ID b",), "a\nb"),
        (("It is old [_REF_ID: query_Movies_1_0].",), "It is old."),
        (("It is old (_REF_ID=query_1_0, query_Sci-Fi_2_13), or not.",), "It is old, or not."),
        (("Old `_REF_ID` or new",), "Old or new"),
        (("```\nif x:\n    y  =  1\n```",), "```\nif x:\n    y  =  1\n```"),
        (("| a  |  b |\n|----|----|",), "| a  |  b |\n|----|----|"),
    ],
)
def test_parts_are_joined_as_a_reader_expects(parts, text):
    assert joined(*parts) == text


@given(st.lists(st.sampled_from(["a", "b.", " ", "_REF_ID", "[_REF_ID]", "\n", "  "]), max_size=12))
def test_no_reference_token_reaches_the_reader_and_no_word_is_lost(parts):
    told = joined(" ".join(parts))
    assert "_REF_ID" not in told
    assert [c for c in told if c in "ab."] == [c for p in parts for c in p if c in "ab."]


@given(st.text())
def test_text_without_tokens_is_kept_to_the_letter(text):
    assert joined(text) == text


def test_parts_without_text_are_passed_over():
    assert Text("response", [{"ref_ids": []}, {"text": "a"}, {"text": None}]).text == "a"


async def test_a_text_ends_its_deltas_by_their_id():
    text = Response("Hello _REF_ID there", metadata={"on": date(2024, 5, 1)})
    payload = await text.to_frontend(*ADDRESS)
    assert payload["type"] == "text"
    assert payload["id"] == text.message_id
    assert payload["id"].startswith("tex-")
    assert payload["payload"] == {
        "type": "response",
        "metadata": {"on": "2024-05-01"},
        "objects": [{"text": "Hello there"}],
    }
    assert await Response("x", display=False).to_frontend(*ADDRESS) is None


async def test_a_result_is_sent_under_the_fields_of_its_display():
    objects = [{"name": "Alien", "year": 1979, "_REF_ID": "r", "rest": 1}, {"name": "Solaris"}]
    result = Result(objects, {"note": 1}, "table", "Films", {"title": "name", "on": "year", "by": ""})
    payload = await result.to_frontend(*ADDRESS)
    assert payload["type"] == "result"
    assert payload["id"].startswith("res-")
    assert payload["payload"] == {
        "type": "table",
        "objects": [{"title": "Alien", "on": 1979, "_REF_ID": "r"}, {"title": "Solaris", "on": None}],
        "metadata": {"note": 1},
    }


async def test_hidden_or_empty_results_are_not_sent():
    assert await Result([{"a": 1}], display=False).to_frontend(*ADDRESS) is None
    assert await Result([]).to_frontend(*ADDRESS) is None
    assert await Retrieval([], {"code": {}}).to_frontend(*ADDRESS) is None


async def test_a_retrieval_sends_its_code_and_takes_its_collections_name():
    retrieval = Retrieval([{"a": 1}], {"collection_name": "Films", "code": {"text": "x"}})
    assert retrieval.name == "Films"
    assert (await retrieval.to_frontend(*ADDRESS))["payload"]["code"] == {"text": "x"}
    assert Retrieval([]).name == "default"
    assert Retrieval([], {"collection_name": "Films"}, name="own").name == "own"
    assert "code" not in (await Retrieval([{"a": 1}]).to_frontend(*ADDRESS))["payload"]


def test_a_retrieval_keeps_more_keys_than_a_result_when_mapped():
    item = {"t": 1, "uuid": "u", "ELYSIA_SUMMARY": "s", "collection_name": "c", "_REF_ID": "r"}
    assert Result([item], mapping={"title": "t"}).to_json(mapping=True) == [{"title": 1, "_REF_ID": "r"}]
    assert Retrieval([item], mapping={"title": "t"}).to_json(mapping=True) == [
        {"title": 1, "uuid": "u", "ELYSIA_SUMMARY": "s", "collection_name": "c", "_REF_ID": "r"}
    ]


JSON = st.dictionaries(
    st.sampled_from("abcd"), st.integers() | st.text() | st.lists(st.integers()), max_size=4
)


@given(
    st.lists(JSON, max_size=4), st.dictionaries(st.sampled_from("xyz"), st.sampled_from(["a", "b", "", "q"]))
)
def test_mapping_changes_nothing_it_was_given(objects, mapping):
    before, mapping_before = deepcopy(objects), dict(mapping)
    result = Result(objects, mapping=mapping)
    mapped = result.to_json(mapping=True)
    result.add_summaries(["one"])
    for item in mapped + result.to_json():
        item["changed"] = True
        for value in item.values():
            if isinstance(value, list):
                value.append("changed")
    assert objects == before
    assert mapping == mapping_before
    assert len(result) == len(objects)


def test_summaries_are_put_on_copies_and_never_run_out():
    objects = [{"a": 1}, {"a": 2}]
    result = Result(objects)
    result.add_summaries(["first"])
    assert [item["ELYSIA_SUMMARY"] for item in result.objects] == ["first", ""]
    assert objects == [{"a": 1}, {"a": 2}]
    result.add_summaries(["x", "y", "z"])
    assert [item["ELYSIA_SUMMARY"] for item in result.objects] == ["x", "y"]


def test_an_object_that_is_no_dict_is_named_by_its_index():
    with pytest.raises(TypeError, match=r"objects\[1\] is a str"):
        Result([{}, "text"])


def test_results_share_no_defaults():
    first, second = Result([]), Result([])
    first.metadata["a"] = 1
    first.unmapped_keys.append("b")
    assert second.metadata == {}
    assert second.unmapped_keys == ["_REF_ID"]


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("{num_objects} {type} of {name} by {author}", "2 table of Films by Lem"),
        ("{payload_type} {unknown}", "table {unknown}"),
        ("{num_objects} of {", "2 of {"),
        ("} {num_objects}", "} 2"),
        ("{num_objects:03d} by {author!r}, {unknown:>9}", "002 by 'Lem', {unknown:>9}"),
        ("{author:d}", "{author:d}"),
        ("{{name}} is {name}", "{name} is Films"),
        ('{"limit": {"to": 5}} of {name}', '{"limit": {"to": 5}} of Films'),
        ("{name.__class__} {} {0}", "{name.__class__} {} {0}"),
        ("{run time (min)} min", "90 min"),
        ("", ""),
    ],
)
def test_placeholders_are_filled_and_unknown_ones_stay(message, told):
    result = Result([{}, {}], {"author": "Lem", "run time (min)": 90}, "table", "Films", llm_message=message)
    assert result.llm_parse() == told


def test_without_a_message_the_model_is_told_the_number_and_name():
    told = Result([{}], name="Films", payload_type="table").llm_parse()
    assert all(part in told for part in ("1", "Films", "table"))


def test_a_retrieval_tells_what_was_asked_and_shown():
    told = Retrieval(
        [{}, {}],
        {
            "collection_name": "Films",
            "return_type": "cards",
            "output_type": "summary",
            "query_text": "space",
            "query_type": "hybrid",
            "query_output": {"limit": 5},
        },
    ).llm_parse()
    for part in ("2 object", "Films", "cards", "summaries", "space", "hybrid", str({"limit": 5})):
        assert part in told
    assert "Judge" not in told
    assert "the objects as table" in Retrieval([{}], {"display_type": "table"}).llm_parse()


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        ({"query_text": "space"}, "by searching for “space”"),
        ({"query_type": "none", "query_text": ""}, "from “Films”."),
        ({"query_type": "filter_only"}, "by filter_only search"),
        ({"total": 40}, "1 of 40 object(s)"),
        ({"output_type": "original"}, "shown the objects as default"),
    ],
)
def test_a_retrieval_tells_only_what_is_known(metadata, told):
    assert told in Retrieval([{}], {"collection_name": "Films"} | metadata).llm_parse()


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        ({"query_type": ["bm25"]}, "by ['bm25'] search"),
        ({"collection_name": None}, "from “Films”"),
        ({"impossible_reasoning": "There are no dates."}, "called impossible: There are no dates. Judge"),
        ({"impossible": "When?"}, "called impossible: no reason given. Judge"),
    ],
)
def test_a_retrieval_understands_what_tools_write(metadata, told):
    assert told in Retrieval([{}], metadata, name="Films").llm_parse()


def test_a_query_that_was_called_possible_is_not_judged():
    told = Retrieval([{}], {"impossible": False, "impossible_reason": "All is there."}).llm_parse()
    assert "impossible" not in told


def test_the_model_is_told_what_the_user_was_not_shown():
    told = Result([{}], name="Films", payload_type="table", display=False).llm_parse()
    assert told == "Kept 1 table object(s) named “Films”; the user was not shown them."
    assert "The user was not shown the objects." in Retrieval([{}], display=False).llm_parse()


def test_a_retrieval_says_its_own_message_where_it_has_one():
    retrieval = Retrieval([{}], {"collection_name": "Films"})
    retrieval.llm_message = "{num_objects} of {collection_name}"
    assert retrieval.llm_parse() == "1 of Films"


def test_objects_may_come_one_by_one():
    assert Result({"a": n} for n in range(2)).to_json() == [{"a": 0}, {"a": 1}]


@pytest.mark.parametrize("key", ["impossible_reason", "impossible_reasoning"])
def test_an_empty_or_impossible_query_is_to_be_judged(key):
    assert "Judge" in Retrieval([]).llm_parse()
    told = Retrieval([{}], {"impossible": True, key: "no dates"}).llm_parse()
    assert "Judge" in told
    assert "no dates" in told


def test_a_result_is_json_ready():
    assert json.dumps(Result([{"on": date(2024, 5, 1), "set": {1}}]).to_json()) == (
        '[{"on": "2024-05-01", "set": [1]}]'
    )
    with pytest.raises(TypeError, match=r"objects\[0\]\.geo"):
        Result([{"geo": object()}]).to_json()
