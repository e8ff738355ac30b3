from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.engine.analysis.lengths import Lengths, Spread, token_count

SCHEMA = CollectionSchema(
    name="Films",
    properties=(
        Property(name="title", type="text"),
        Property(name="tags", type="text[]"),
        Property(name="marks", type="float[]"),
        Property(name="year", type="int"),
    ),
)


def test_tokens_are_words():
    assert token_count("A crew meets  a\ncreature, in space.") == 7
    assert token_count("") == 0


def test_where_words_are_not_separated_every_character_is_a_token():
    assert token_count("電影") == 2
    assert token_count("The 電影 of 2001") == 5
    assert token_count("영화 제목") == 2


@given(st.lists(st.integers(0, 10_000), min_size=1))
def test_a_spread_is_the_shortest_longest_and_mean(lengths):
    spread = Spread()
    for length in lengths:
        spread.add(length)
    assert spread.range == [min(lengths), max(lengths)]
    assert spread.mean == sum(lengths) / len(lengths)


def test_texts_and_lists_are_measured_and_null_is_not():
    lengths = Lengths(SCHEMA)
    lengths.add(
        [
            {"title": "Alien", "tags": ["a", "b"], "marks": [], "year": 1979},
            {"title": "2001: A Space Odyssey", "tags": None, "year": 1968},
        ]
    )
    assert lengths.objects == 2
    assert (lengths["title"].range, lengths["title"].mean) == ([1, 4], 2.5)
    assert (lengths["tags"].range, lengths["tags"].mean) == ([2, 2], 2.0)
    assert (lengths["marks"].range, lengths["marks"].mean) == ([0, 0], 0.0)
    assert "year" not in lengths


def test_what_was_never_there_has_no_length():
    lengths = Lengths(SCHEMA)
    lengths.add([{"title": None}])
    assert lengths["title"].range is None
    assert lengths["title"].mean is None


def test_numbers_alone_need_no_measuring():
    numbers = SCHEMA.model_copy(update={"properties": SCHEMA.properties[-1:]})
    assert Lengths(SCHEMA).is_needed
    assert not Lengths(numbers).is_needed
