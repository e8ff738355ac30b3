import pytest

from elysia_desktop.core.errors import NotSupported, QueryRejected
from elysia_desktop.core.requests import AggregateRequest, QueryRequest
from elysia_desktop.core.schema import CollectionInfo, CollectionSchema, Property, Reference, VectorConfig


def schema(name, *properties, **more):
    return CollectionSchema(
        name=name, properties=tuple(Property(name=p, type="text") for p in properties), **more
    )


async def test_a_schema_comes_back_as_it_was_given(library):
    given = CollectionSchema(
        name="Notes",
        description="What was written down.",
        properties=(Property(name="at", type="date", description="when", filterable=False),),
        vectors=(VectorConfig(name="body", source_properties=("at",)),),
    )
    await library.create(given)
    assert await library.schema("Notes") == given


async def test_names_that_differ_by_case_only_do_not_clash(library):
    await library.create(schema("Notes", "Title", "title"))
    await library.create(schema("notes", "title"))
    await library.insert("Notes", [{"Title": "Upper", "title": "lower"}])
    await library.insert("notes", [{"title": "a"}, {"title": "b"}])
    assert await library.collections() == [
        CollectionInfo(name="Notes", count=1),
        CollectionInfo(name="notes", count=2),
    ]
    found = (await library.sample("Notes", 1))[0]
    assert (found["Title"], found["title"]) == ("Upper", "lower")


async def test_names_that_mean_something_in_sql_are_names(library):
    await library.create(schema("select", "order", "row", "rank", "value", "key", "count"))
    await library.insert("select", [{"order": "a", "rank": "b", "value": "c"}])
    assert (await library.sample("select", 1))[0]["rank"] == "b"


async def test_a_dropped_collection_is_gone_with_its_metadata(library):
    await library.create(schema("Notes", "title"))
    await library.insert("Notes", [{"title": "x", "_vector": [1.0]}])
    await library.put_metadata("Notes", {"summary": "old"})
    await library.drop("Notes")
    assert await library.collections() == []
    await library.create(schema("Notes", "title"))
    assert await library.get_metadata("Notes") is None
    assert await library.sample("Notes", 1) == []


async def test_a_collection_without_properties_or_text_can_be_made_and_dropped(library):
    await library.create(schema("Empty"))
    report = await library.insert("Empty", [{}, {"uuid": "00000000-0000-0000-0000-000000000001"}])
    assert report.inserted == 2
    assert (await library.collections())[0].count == 2
    await library.drop("Empty")


async def test_metadata_is_kept_replaced_and_forgotten(library):
    await library.create(schema("Notes", "title"))
    assert await library.get_metadata("Notes") is None
    await library.put_metadata("Notes", {"summary": "é", "fields": (1, 2.5, None)})
    assert await library.get_metadata("Notes") == {"summary": "é", "fields": [1, 2.5, None]}
    await library.put_metadata("Notes", {"summary": "new"})
    assert await library.get_metadata("Notes") == {"summary": "new"}
    assert await library.delete_metadata("Notes") is True
    assert await library.delete_metadata("Notes") is False
    with pytest.raises(QueryRejected, match=r"metadata\.a is a object"):
        await library.put_metadata("Notes", {"a": object()})


@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        (schema("Taken", "a"), "There is a collection “Taken” already.", "another name"),
        (schema("1st", "a"), "“1st” cannot be the name of a collection.", "a letter first"),
        (schema("a b", "a"), "“a b” cannot be the name of a collection.", "letters A to Z"),
        (schema("", "a"), "“” cannot be the name of a collection.", "letters A to Z"),
        (schema("A" * 201, "a"), "cannot be the name of a collection.", "at most 200"),
        (schema("A", "_score"), "“_score” cannot be the name of a property.", "a letter first"),
        (schema("A", "größe"), "“größe” cannot be the name of a property.", "letters A to Z"),
        (schema("Notes", "uuid"), "“uuid” cannot be a property", "notes_uuid"),
        (schema("Notes", "id"), "“id” cannot be a property", "notes_id"),
        (schema("A", "a", references=(Reference(name="a", target="B"),)), "two properties", "of its own"),
        (schema("A", "a", "a"), "two properties called “a”", "name of its own"),
        (schema("A", *(f"p{n}" for n in range(901))), "901 properties are more", "900"),
    ],
)
async def test_names_that_are_not_allowed_are_rejected(library, given, message, hint):
    await library.create(schema("Taken", "a"))
    with pytest.raises(QueryRejected) as caught:
        await library.create(given)
    assert message in str(caught.value)
    assert hint in caught.value.hint
    assert [i.name for i in await library.collections()] == ["Taken"]


async def test_tenants_are_not_supported(library):
    with pytest.raises(NotSupported, match="no tenants"):
        await library.create(schema("A", "a", multi_tenant=True))


async def test_as_many_properties_as_allowed_work(library):
    properties = tuple(Property(name=f"p{n}", type="date") for n in range(900))
    await library.create(CollectionSchema(name="Wide", properties=properties))
    await library.insert("Wide", [{"p899": "2024-01-01"}])
    assert (await library.sample("Wide", 1))[0]["p899"] == "2024-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    "ask",
    [
        lambda library: library.schema("Film"),
        lambda library: library.get("Film", []),
        lambda library: library.sample("Film", 1),
        lambda library: library.insert("Film", []),
        lambda library: library.update("Film", "x", {}),
        lambda library: library.delete("Film", []),
        lambda library: library.drop("Film"),
        lambda library: library.nearest("Film", [1.0], 1),
        lambda library: library.get_metadata("Film"),
        lambda library: library.put_metadata("Film", {}),
        lambda library: library.delete_metadata("Film"),
    ],
)
async def test_an_unknown_collection_is_told_with_those_there_are(films, ask):
    with pytest.raises(QueryRejected, match="There is no collection “Film”") as caught:
        await ask(films)
    assert caught.value.hint == "Use one of: Films."


@pytest.mark.parametrize(
    "ask",
    [
        lambda library, name: library.schema(name),
        lambda library, name: library.revision(name),
        lambda library, name: library.query(QueryRequest(collection=name)),
        lambda library, name: library.aggregate(AggregateRequest(collection=name)),
        lambda library, name: library.nearest(name, [1.0], 1),
        lambda library, name: library.insert(name, []),
        lambda library, name: library.drop(name),
        lambda library, name: anext(library.scan(name)),
        lambda library, name: library.put_metadata(name, {}),
        lambda library, name: library.embedding_progress(name),
        lambda library, name: library.create(schema(name)),
        lambda library, name: library.create(schema("A", name)),
        lambda library, name: library.create(schema("A", references=(Reference(name=name, target="Films"),))),
        lambda library, name: library.create(schema("A", vectors=(VectorConfig(name=name),))),
        lambda library, name: library.create(CollectionSchema(name="A", properties=(), description=name)),
    ],
)
async def test_a_name_that_is_no_unicode_is_turned_away_in_words(films, ask):
    with pytest.raises(QueryRejected) as caught:
        await ask(films, "Film\ud800")
    assert caught.value.sentence.isprintable()
    assert caught.value.hint
    assert [info.name for info in await films.collections()] == ["Films"]


async def test_every_change_of_objects_makes_another_revision_and_nothing_else_does(library):
    await library.create(schema("Notes", "title"))
    seen = [await library.revision("Notes")]
    await library.insert("Notes", [{"title": "a"}, {"title": "b"}])
    seen.append(await library.revision("Notes"))
    first, second = await library.sample("Notes", 2)
    await library.update("Notes", first["uuid"], {"title": "c"})
    seen.append(await library.revision("Notes"))
    await library.put_metadata("Notes", {"summary": "Notes."})
    assert await library.revision("Notes") == seen[-1]
    await library.delete("Notes", [second["uuid"]])
    seen.append(await library.revision("Notes"))
    await library.drop("Notes")
    await library.create(schema("Notes", "title"))
    seen.append(await library.revision("Notes"))
    assert len(set(seen)) == len(seen)
    with pytest.raises(QueryRejected, match="no collection “Nope”"):
        await library.revision("Nope")
