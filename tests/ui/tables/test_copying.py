import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.ui.tables.columns import Column, infer_columns
from elysia_desktop.ui.tables.copying import as_csv, as_json, as_markdown, as_tsv

OBJECTS = [
    {"name": "Tent, green", "price": 1349.5, "tags": ["a", "b"], "new": True, "_REF_ID": "r0"},
    {"name": "Pole|s", "price": None, "tags": None, "new": False, "_REF_ID": "r1"},
]
COLUMNS = infer_columns(OBJECTS)


def test_tsv_has_titles_plain_numbers_and_empty_nulls():
    assert as_tsv(COLUMNS, OBJECTS) == (
        'Name\tPrice\tTags\tNew\nTent, green\t1349.5\t"[""a"", ""b""]"\ttrue\nPole|s\t\t\tfalse\n'
    )


def test_titles_can_be_left_out():
    assert as_csv(COLUMNS[:2], OBJECTS, header=False) == '"Tent, green",1349.5\nPole|s,\n'


def test_markdown_shows_values_as_the_table_does_and_keeps_its_bars():
    assert as_markdown(COLUMNS[:2], OBJECTS).splitlines() == [
        "| Name | Price |",
        "| --- | ---: |",
        "| Tent, green | 1,349.5 |",
        "| Pole\\|s | null |",
    ]


def test_json_has_the_fields_that_are_shown():
    assert json.loads(as_json(COLUMNS, OBJECTS))[0] == {
        "name": "Tent, green",
        "price": 1349.5,
        "tags": ["a", "b"],
        "new": True,
    }


@given(st.lists(st.text(st.characters(exclude_characters="\r\0", codec="utf-8")), min_size=1))
def test_any_text_survives_tsv(texts):
    objects = [{"a": text, "b": "x"} for text in texts]
    written = as_tsv([Column("a", "A"), Column("b", "B")], objects)
    rows = list(csv.reader(io.StringIO(written, newline=""), delimiter="\t"))
    assert [row[0] for row in rows[1:]] == texts
