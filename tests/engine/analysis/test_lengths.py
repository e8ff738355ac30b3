from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.engine.analysis.lengths import Spread, token_count


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
