from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.stores import analyses
from elysia_desktop.stores.library import Library


async def test_what_is_kept_of_one_analysis_is_forgotten_and_the_collection_with_the_last(tmp_path):
    library = Library(tmp_path)
    await analyses.forget(library, "Shop")
    assert await library.collections() == []
    kept = CollectionSchema(name=analyses.COLLECTION, properties=(Property(name="name", type="text"),))
    await library.create(kept)
    names = ("Shop", "Chat")
    await library.insert(kept.name, [{"uuid": analyses.uuid_for(name), "name": name} for name in names])
    await analyses.forget(library, "Shop")
    assert [item["name"] async for item in library.scan(kept.name)] == ["Chat"]
    await analyses.forget(library, "Chat")
    assert await library.collections() == []
    await library.close()
