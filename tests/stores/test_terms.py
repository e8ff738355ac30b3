"""Texts are cut as Weaviate cuts them; the conformance suite compares with Weaviate itself."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.stores.terms import lowered, pattern_expression, pattern_terms, sort_key, terms, trimmed


@pytest.mark.parametrize(
    ("tokenization", "found"),
    [
        ("word", ["the", "red", "hot", "café", "1"]),
        ("lowercase", ["the", "red-hot", "café_1"]),
        ("whitespace", ["The", "RED-hot", "Café_1"]),
        ("field", ["The RED-hot\u3000Café_1"]),
        ("trigram", ["the", "her", "ere", "red", "edh", "dho", "hot", "otc", "tca", "caf", "afé", "fé1"]),
        ("gse", ["the", "red", "hot", "café", "1"]),
    ],
)
def test_a_text_is_cut_by_its_tokenization(tokenization, found):
    assert terms("  The RED-hot\u3000Café_1 ", tokenization) == found


@pytest.mark.parametrize(
    ("tokenization", "found"),
    [
        ("word", ["r*d", "h?t"]),
        ("lowercase", ["r*d-h?t"]),
        ("field", ["R*d-h?t"]),
        ("trigram", ["r*d", "*dh", "dh?", "h?t"]),
    ],
)
def test_wildcards_belong_to_the_terms_of_a_pattern(tokenization, found):
    assert pattern_terms(" R*d-h?t ", tokenization) == found


@given(st.text())
def test_words_are_runs_of_letters_and_numbers(text):
    kept = "".join(c if unicodedata.category(c)[0] in "LN" else " " for c in text)
    assert terms(text) == lowered(kept).split()


def test_letters_become_small_one_for_one():
    assert lowered("İSTANBUL ΣΑΣ ẞ Ǆ") == "istanbul σασ ß ǆ"
    assert trimmed("\u3000a\x1f ") == "a\x1f"


LETTERS = st.text("ab\n", max_size=8)


@given(st.text("ab\n*?", max_size=6), LETTERS)
def test_a_pattern_fits_what_its_letters_and_wildcards_stand_for(pattern, text):
    plain = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern)
    assert bool(pattern_expression(pattern).fullmatch(text)) == bool(re.fullmatch(plain, text))


def test_a_pattern_of_many_asterisks_is_no_trap():
    # With an expression that goes back and tries again this would never end.
    assert not pattern_expression("*a" * 30 + "*b").fullmatch("a" * 3000)


def test_texts_are_ordered_by_small_letters_with_escaped_signs_behind_the_bracket():
    texts = ["élan", "Zebra", "apple", "<b>", '"q"', "[x]", "_x", "a\nb", "ab", "]", ""]
    assert sorted(texts, key=sort_key) == [
        "", "[x]", '"q"', "<b>", "]", "_x", "a\nb", "ab", "apple", "Zebra", "élan",
    ]  # fmt: skip
