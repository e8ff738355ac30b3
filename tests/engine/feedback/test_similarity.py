import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.engine.feedback.similarity import cosine, likeness, rarities, words_of

TEXTS = st.text(alphabet="abs ?_é船舶 12", max_size=40)


def alike(one, other):
    texts = [words_of(one), words_of(other)]
    return likeness(*texts, rarities(texts))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Which jackets are waterproof?", "Show me the waterproof jackets"),
        ("How many companies are there?", "number of companies"),
        ("How many companies are there?", "the company"),
        ("average price per category", "Average prices of all categories"),
        ("防水夹克有哪些", "哪些夹克防水"),
    ],
)
def test_questions_about_the_same_things_are_alike(one, other):
    assert alike(one, other) > 0.3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Which jackets are waterproof?", "Which tickets are open?"),
        ("What is the average price of a jacket?", "What is the name of the captain?"),
        ("防水夹克有哪些", "船长的名字"),
        ("Show me all of the jackets", "Show me all of the boats"),
    ],
)
def test_words_that_every_question_has_make_none_alike(one, other):
    assert alike(one, other) < 0.3


@given(TEXTS, TEXTS)
def test_likeness_is_symmetric_and_between_nought_and_one(one, other):
    assert 0 <= alike(one, other) <= 1
    assert math.isclose(alike(one, other), alike(other, one), abs_tol=1e-9)


@given(TEXTS.filter(words_of))
def test_a_question_is_most_like_itself(text):
    assert math.isclose(alike(text, text), 1)


def test_a_text_without_words_is_like_none():
    assert alike("??", "??") == 0


def test_vectors_are_compared_by_their_angle():
    assert cosine([1, 0], [2, 0]) == pytest.approx(1)
    assert cosine([1, 0], [0, 3]) == pytest.approx(0)
    assert cosine([1, 0], [-1, 0]) == pytest.approx(-1)


def test_vectors_that_cannot_be_compared_are_not_alike():
    assert cosine([1, 0], [1, 0, 0]) == 0
    assert cosine([0, 0], [1, 0]) == 0
