"""Values are checked against their property before they are sent."""

import math

import pytest
from stores.weaviate.conftest import uuid

from elysia_desktop.core.schema import CollectionSchema, Property, Reference
from elysia_desktop.stores.fitting import Unfit
from elysia_desktop.stores.weaviate.values import prepared

SCHEMA = CollectionSchema(
    name="Rows",
    properties=tuple(
        Property(name=name, type=kind)
        for name, kind in {
            "text": "text", "n": "int", "x": "float", "day": "date",
            "xs": "float[]", "ns": "int[]", "days": "date[]", "crew": "object",
        }.items()
    ),
    references=(Reference(name="link", target="Rows"),),
)  # fmt: skip


def sent(**values):
    return prepared(SCHEMA, 0, values)


def test_numbers_get_the_type_of_their_property():
    properties = sent(n=2.0, x=1, xs=[1, 2.5], ns=[1.0, 2]).properties
    assert properties == {"n": 2, "x": 1.0, "xs": [1.0, 2.5], "ns": [1, 2]}
    assert [type(one) for one in (properties["n"], properties["x"], *properties["xs"], *properties["ns"])] == [
        int, float, float, float, int, int,
    ]  # fmt: skip


def test_dates_keep_their_offset_and_get_one_where_they_have_none():
    assert sent(day="2024-05-31 12:00:00.5-05:30", days=["2024-05-31"]).properties == {
        "day": "2024-05-31T12:00:00.500000-05:30",
        "days": ["2024-05-31T00:00:00+00:00"],
    }


def test_what_is_null_is_not_sent_but_what_is_empty_is():
    one = sent(text="", n=None, xs=[], link=None, _score=3)
    assert (one.properties, one.references, one.vector) == ({"text": "", "xs": []}, {}, None)


def test_an_object_without_an_id_gets_one():
    assert sent().uuid != sent().uuid
    assert sent(uuid=uuid(7).upper().replace("-", "")).uuid == uuid(7)


def test_references_are_uuids():
    assert sent(link=uuid(1)).references == {"link": uuid(1)}
    assert sent(link=[uuid(1), uuid(2)]).references == {"link": [uuid(1), uuid(2)]}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"n": 2**53 + 1}, "2^53"),
        ({"ns": [0, -(2**53) - 1]}, "2^53"),
        ({"n": 1.5}, "whole number"),
        ({"x": math.inf}, "finite"),
        ({"day": "2024-01-01T00:00:00+00:00:01"}, "offset has seconds"),
        ({"xs": 1}, "list of numbers"),
        ({"crew": "x"}, "takes an object"),
        ({"crew": ["a"]}, "takes an object"),
        ({"crew": {"vector": 1}}, "“crew.vector”"),
        ({"crew": {"deep": [{"vector": 1}]}}, "vector"),
        ({"crew": {"l": [None]}}, "nulls"),
        ({"crew": {"l": [1, "a"]}}, "several types"),
        ({"crew": {"l": [[1]]}}, "list of lists"),
        ({"crew": {"l": object()}}, "crew"),
        ({"link": "Alien"}, "not the uuid"),
        ({"uuid": "x"}, "not a UUID"),
        ({"_vector": []}, "not a list of numbers"),
        ({"_vector": "12"}, "not a list of numbers"),
        ({"_vector": [math.nan]}, "not finite"),
        ({"_vector": {"other": [1]}}, "“other”"),
        ({"txt": "a"}, "Use one of: text"),
    ],
)  # fmt: skip
def test_what_does_not_fit_says_why(values, reason):
    with pytest.raises(Unfit, match=reason.replace("^", r"\^")):
        sent(**values)


def test_several_objects_may_be_sent_where_weaviate_has_a_list_of_them():
    assert sent(crew=[{"a": 1}, {"a": 2}]).properties == {"crew": [{"a": 1}, {"a": 2}]}


def test_an_object_may_hold_numbers_of_both_kinds():
    assert sent(crew={"l": [1, 2.5], "n": 1, "none": None, "e": []}).properties == {
        "crew": {"l": [1.0, 2.5], "n": 1, "e": []}
    }


def test_the_size_is_about_that_of_what_is_sent():
    assert 1_000 < sent(text="x" * 1_000).size < 1_500
    assert 4_000 < sent(_vector=[0.1] * 1_000).size < 4_500
    assert 1_000 < sent(crew={"a": ["x" * 500, "y" * 500]}).size < 1_500


@pytest.mark.parametrize("crew", [{"name": "a\ud800"}, {"\ud800": 1}, {"names": [{"first": "\ud800"}]}])
def test_objects_with_text_that_cannot_be_sent_are_refused(crew):
    with pytest.raises(Unfit, match="half a surrogate pair"):
        sent(crew=crew)
