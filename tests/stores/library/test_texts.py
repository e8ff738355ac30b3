"""What SQLite decides about texts is what their terms say."""

import json
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stores.library.asking import QUICK

from elysia_desktop.core.schema import DataType
from elysia_desktop.stores.comparisons import Comparison
from elysia_desktop.stores.library import texts
from elysia_desktop.stores.terms import lowered, pattern_expression, pattern_terms, sort_key, terms

CUTS = ("word", "lowercase", "whitespace", "trigram", "field")
LETTERS = st.text(st.sampled_from("aAbBkKiI1-_ %*?[]\\\"'\néÉßẞ日İ\u212aΣ\u3000😀"), max_size=8)
cuts = st.sampled_from(CUTS)


@pytest.fixture(scope="module")
def evaluate():
    """Whether a condition holds for a text: `evaluate(condition, text)`."""
    with closing(sqlite3.connect(":memory:")) as connection:
        texts.prepare(connection)

        def answer(condition, text):
            sql = f"SELECT {condition.sql} FROM (SELECT ? AS kept)"
            # The text comes last in the SQL, after the condition's own parameters.
            return connection.execute(sql, (*condition.parameters, text)).fetchone()[0]

        yield answer


@QUICK
@given(LETTERS, LETTERS, cuts)
def test_a_text_equals_what_it_holds_the_terms_of(evaluate, text, value, cut):
    wanted = terms(value, cut)
    if wanted:
        condition = texts.equal("kept", Comparison("it", DataType.TEXT, "=", value, tokenization=cut))
        assert bool(evaluate(condition, text)) == (set(wanted) <= set(terms(text, cut)))
        assert evaluate(condition, None) in {None, 0}


@QUICK
@given(LETTERS, LETTERS, cuts)
def test_a_text_is_like_a_pattern_whose_terms_fit_its_own(evaluate, text, pattern, cut):
    wanted = [pattern_expression(term) for term in pattern_terms(pattern, cut)]
    if wanted:
        condition = texts.like("kept", Comparison("it", DataType.TEXT, "LIKE", pattern, tokenization=cut))
        held = terms(text, cut)
        assert bool(evaluate(condition, text)) == all(any(map(one.fullmatch, held)) for one in wanted)


@QUICK
@given(st.lists(LETTERS, max_size=3), st.lists(LETTERS, min_size=1, max_size=3), cuts, st.booleans())
def test_a_list_contains_what_all_its_elements_hold_together(evaluate, elements, values, cut, every):
    values = [value for value in values if terms(value, cut)]
    if values:
        operator = "CONTAINS_ALL" if every else "CONTAINS_ANY"
        compared = Comparison("it", DataType.TEXTS, operator, tuple(values), tokenization=cut)
        bag = {term for element in elements for term in terms(element, cut)}
        held = [set(terms(value, cut)) <= bag for value in values]
        kept = json.dumps(elements, ensure_ascii=False, separators=(",", ":"))
        assert bool(evaluate(texts.contains("kept", compared), kept)) == (all(held) if every else any(held))


def test_many_values_and_long_texts_are_compared_as_well(evaluate):
    long = "word " * 3000 + "x" * 500
    for value in ("word " * 3000, "x" * 500):
        assert evaluate(texts.equal("kept", Comparison("it", DataType.TEXT, "=", value)), long)
    assert evaluate(texts.like("kept", Comparison("it", DataType.TEXT, "LIKE", f"*{'x' * 400}*")), long)
    values = tuple(f"value{n}" for n in range(2000))
    for count, last in ((2000, "value1999"), (2000, "value2000")):
        compared = Comparison("it", DataType.TEXTS, "CONTAINS_ANY", values[:count])
        assert bool(evaluate(texts.contains("kept", compared), f'["{last}"]')) == (last in values)


def test_every_letter_is_found_by_its_small_form(evaluate):
    """SQLite knows the capital and small letters of ASCII only."""
    for letter in map(chr, range(0x20000)):
        small = lowered(letter)
        if small != letter and terms(letter):
            condition = texts.equal("kept", Comparison("it", DataType.TEXT, "=", small))
            assert evaluate(condition, letter), hex(ord(letter))


@QUICK
@given(LETTERS)
def test_texts_are_ordered_by_their_key(evaluate, text):
    assert evaluate(texts.Condition(texts.ordered_sql("kept")), text) == sort_key(text)
    assert evaluate(texts.Condition(texts.ordered_sql("kept")), None) is None


def test_only_white_space_around_a_text_is_trimmed(evaluate):
    trimmed = texts.Condition(texts.trimmed_sql("kept"))
    assert evaluate(trimmed, "\u3000\n a b\x1f \u00a0") == "a b\x1f"
