"""Names that Weaviate would refuse or change are refused before, with one that will do."""

import pytest

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.schema import CollectionSchema, Property, Reference
from elysia_desktop.stores.weaviate import naming


def schema(name="Films", *properties, references=()):
    return CollectionSchema(
        name=name,
        properties=tuple(Property(name=one, type="text") for one in properties),
        references=tuple(Reference(name=one, target="Films") for one in references),
    )


@pytest.mark.parametrize("name", ["Films", "F", "ELYSIA_TREES__", "Films2", "F" * 200])
def test_names_that_weaviate_takes(name):
    naming.check(schema(name, "title", "releaseYear", "_x", "a1"))
    assert naming.is_collection(name)


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("films", "“Films”"),
        ("my_films", "“My_films”"),
        ("7 films", ""),
        ("", ""),
        ("Fílms", ""),
        ("F" * 201, ""),
    ],
)
def test_names_of_collections_that_it_does_not_take(name, better):
    assert not naming.is_collection(name)
    with pytest.raises(QueryRejected, match="cannot be the name of a collection") as raised:
        naming.check(schema(name))
    assert ("Call it" in raised.value.hint) == bool(better)
    assert better in raised.value.hint


@pytest.mark.parametrize("name", ["id", "_id", "vector", "_additional", "uuid", "_vector", "_score"])
def test_names_it_keeps_for_itself(name):
    with pytest.raises(QueryRejected, match=f"“{name}”") as raised:
        naming.check(schema("Films", name))
    assert f"“films_{name.strip('_')}”" in raised.value.hint


@pytest.mark.parametrize(
    ("name", "better"), [("Title", "“title”"), ("a b", ""), ("1st", ""), ("é", ""), ("", "")]
)
def test_names_of_properties_that_it_would_change_or_refuse(name, better):
    for collection in (schema("Films", name), schema("Films", references=(name,))):
        with pytest.raises(QueryRejected, match="cannot be the name of a property") as raised:
            naming.check(collection)
        assert better in raised.value.hint


def test_a_name_is_used_once():
    with pytest.raises(QueryRejected, match="two properties called “film”"):
        naming.check(schema("Notes", "film", references=("film",)))


def test_capital_letters_tell_no_properties_apart():
    with pytest.raises(QueryRejected, match="two properties called “releaseyear”"):
        naming.check(schema("Films", "releaseYear", "releaseyear"))
