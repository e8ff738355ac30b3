from elysia_desktop.core.schema import CollectionSchema, Property

SCHEMA = CollectionSchema(
    name="Things",
    properties=(
        Property(name="kind", type="text"),
        Property(name="essay", type="text"),
        Property(name="price", type="float"),
        Property(name="when", type="date"),
        Property(name="hidden", type="int", filterable=False),
        Property(name="ok", type="boolean"),
        Property(name="tags", type="text[]"),
    ),
)


async def indexes(library):
    found = await library._database.read(
        lambda session: session.rows(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'by_%'"
        )
    )
    return {name.rsplit("_", 1)[-1] for (name,) in found}


async def test_numbers_dates_and_short_texts_are_indexed_once_there_are_many_objects(library):
    await library.create(SCHEMA)
    await library.insert("Things", [{"kind": "a", "essay": "word " * 50}] * 1999)
    assert await indexes(library) == set()
    await library.insert("Things", [{"kind": "b"}])
    assert await indexes(library) == {"kind", "price", "us"}
