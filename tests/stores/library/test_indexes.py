import pytest

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import PropertyFilter, QueryRequest
from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.stores.library import catalog
from elysia_desktop.stores.library.filters import condition
from elysia_desktop.stores.library.indexes import tune

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
        Property(name="code", type="text", tokenization="field"),
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


async def test_a_text_that_is_compared_whole_is_found_by_its_index(library):
    await library.create(SCHEMA)
    await library.insert("Things", ({"code": f" C-{n} "} for n in range(3000)))
    tree = PropertyFilter(property="code", operator="=", value="C-7")
    page = await library.query(QueryRequest(collection="Things", filters=tree))
    assert [o["code"] for o in page.objects] == [" C-7 "]

    def plan(session):
        where = condition(catalog.find(session, "Things"), tree)
        steps = session.rows(
            f"EXPLAIN QUERY PLAN SELECT row FROM objects_1 WHERE {where.sql}", where.parameters
        )
        return " ".join(str(step) for step in steps)

    assert "USING INDEX by_1_p7_code_trimmed" in await library._database.read(plan)


async def test_nothing_is_indexed_of_a_collection_that_was_dropped(library):
    await library.create(SCHEMA)
    table = await library._database.read(lambda session: catalog.find(session, "Things"))
    await library.drop("Things")
    await library.create(SCHEMA)
    with pytest.raises(QueryRejected, match="“Things” was dropped meanwhile"):
        await library._database.write(lambda session: tune(session, table))
