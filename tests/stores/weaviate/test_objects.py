"""Objects of weaviate-client in the form of every store."""

from datetime import datetime
from types import SimpleNamespace
from uuid import UUID

import pytest
from stores.weaviate.conftest import uuid

from elysia_desktop.core.schema import CollectionSchema, Property, Reference

SCHEMA = CollectionSchema(
    name="Rows",
    properties=(
        Property(name="b", type="text"),
        Property(name="a", type="date"),
        Property(name="crew", type="object"),
    ),
    references=(Reference(name="film", target="Films"),),
)


@pytest.fixture(autouse=True)
def loaded(client_library):
    """The library whose objects are read."""


def linked(*numbers):
    return SimpleNamespace(objects=[SimpleNamespace(uuid=UUID(uuid(n))) for n in numbers])


def stored(properties, references=None, names=None):
    from elysia_desktop.stores.weaviate.objects import stored

    found = SimpleNamespace(uuid=UUID(uuid(1)), properties=properties, references=references)
    return stored(SCHEMA, found, names)


def test_every_property_is_there_in_the_order_of_the_schema():
    found = stored({"a": datetime.fromisoformat("2024-01-01T02:00:00+02:00"), "else": 1})
    assert list(found.items()) == [
        ("uuid", uuid(1)),
        ("b", None),
        ("a", "2024-01-01T02:00:00+02:00"),
        ("crew", None),
        ("film", None),
    ]


def test_references_are_uuids_one_or_several():
    assert stored({}, {"film": linked(7)}, ["film"]) == {"uuid": uuid(1), "film": uuid(7)}
    assert stored({}, {"film": linked(7, 8)}, ["film"])["film"] == [uuid(7), uuid(8)]
    assert stored({}, {"film": linked()}, ["film"])["film"] is None


def test_what_is_nested_becomes_plain_data():
    day = datetime.fromisoformat("2024-01-01T00:00:00+00:00")
    found = stored({"crew": {"when": day, "who": UUID(uuid(2)), "parts": [{"n": 1, "none": None}]}})
    assert found["crew"] == {
        "when": "2024-01-01T00:00:00+00:00",
        "who": uuid(2),
        "parts": [{"n": 1, "none": None}],
    }


@pytest.mark.parametrize(
    ("names", "properties", "references"),
    [
        (None, None, ["film"]),
        (["b", "uuid"], ["b"], []),
        (["film"], [], ["film"]),
        (["crew", "b"], None, []),
        ([], [], []),
    ],
)
def test_only_what_is_wanted_is_asked_for(names, properties, references):
    from elysia_desktop.stores.weaviate.objects import reading

    asked = reading(SCHEMA, names)
    assert asked.get("return_properties") == properties
    assert [one.link_on for one in asked.get("return_references", [])] == references
