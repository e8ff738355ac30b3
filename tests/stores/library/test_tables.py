import sqlite3
from contextlib import closing

from elysia_desktop.core.requests import QueryRequest
from elysia_desktop.stores.library.tables import table_of


async def test_columns_have_the_types_of_their_properties(films, tmp_path):
    with closing(sqlite3.connect(tmp_path / "library" / "library.db")) as connection:
        columns = {row[1]: row[2] for row in connection.execute("PRAGMA table_info(objects_1)")}
    assert columns == {
        "row": "INTEGER",
        "uuid": "TEXT",
        "created": "INTEGER",
        "p0_title": "TEXT",
        "p1_plot": "TEXT",
        "p2_year": "INTEGER",
        "p3_rating": "REAL",
        "p4_seen": "INTEGER",
        "p5_premiere": "TEXT",
        "p5_premiere__us": "INTEGER",
        "p6_tags": "TEXT",
        "p7_crew": "TEXT",
    }


async def test_the_full_text_index_agrees_with_the_objects_after_every_change(films, tmp_path):
    first = "00000000-0000-0000-0000-000000000009"
    await films.update("Films", first, {"plot": "changed", "tags": ["é", "x\ny"]})
    await films.insert("Films", [{"uuid": first, "title": "replaced"}, {"title": "new"}] * 2)
    await films.delete("Films", ["00000000-0000-0000-0000-000000000008"])
    with closing(sqlite3.connect(tmp_path / "library" / "library.db")) as connection:
        # FTS5's own integrity check cannot read the view: json_each is a virtual table, too.
        definition = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'search_1'").fetchone()[0]
        connection.execute(definition.replace("search_1", "fresh"))
        connection.execute(
            "INSERT INTO fresh (rowid, p0_title, p1_plot, p6_tags) "
            "SELECT row, p0_title, p1_plot, p6_tags FROM texts_1"
        )
        words = []
        for table in ("search_1", "fresh"):
            connection.execute(f"CREATE VIRTUAL TABLE words_{table} USING fts5vocab({table}, instance)")
            words.append(connection.execute(f"SELECT * FROM words_{table} ORDER BY 1, 2, 3, 4").fetchall())
        assert words[0] == words[1] != []
    assert (await films.query(QueryRequest(collection="Films", search="keyword", text="changed"))).total == 0


async def test_a_projection_keeps_the_uuid(films):
    page = await films.query(QueryRequest(collection="Films", properties=("year", "uuid", "year"), limit=1))
    assert page.objects == [{"uuid": "00000000-0000-0000-0000-000000000006", "year": None}]


def test_tables_are_kept_per_schema():
    schema = '{"name": "A", "properties": []}'
    assert table_of(1, schema) is table_of(1, schema)
    assert table_of(2, schema).objects == "objects_2"


def test_texts_of_a_schema_that_says_nothing_of_it_are_compared_word_by_word():
    table = table_of(1, '{"name": "Old", "properties": [{"name": "title", "type": "text"}]}')
    assert table.column("title").prop.tokenization == "word"
    assert table.schema.indexed.is_null
