import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from state.saying import LAWS

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.state.lookups import LOOKUPS, Field, Fields, Q


@dataclass(frozen=True)
class Thing:
    name: str | None
    size: float | None
    made: datetime | None
    kept: bool | None


FIELDS: Fields[Thing] = Fields(
    "things",
    {
        "name": Field("text", lambda thing: thing.name),
        "size": Field("number", lambda thing: thing.size),
        "made": Field("time", lambda thing: thing.made),
        "kept": Field("truth", lambda thing: thing.kept),
    },
)
NAMES = st.text(alphabet="aAbBéÉ.%_", max_size=4)
SIZES = st.integers(-3, 3) | st.sampled_from([0.5, 2.5])
TIMES = st.integers(0, 4).map(lambda days: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days))
THINGS = st.builds(Thing, st.none() | NAMES, st.none() | SIZES, st.none() | TIMES, st.none() | st.booleans())
ORACLE = {
    "exact": lambda own, value: own == value,
    "iexact": lambda own, value: own.lower() == value.lower(),
    "contains": lambda own, value: re.search(re.escape(value), own) is not None,
    "icontains": lambda own, value: re.search(re.escape(value), own, re.IGNORECASE) is not None,
    "startswith": lambda own, value: own[: len(value)] == value,
    "endswith": lambda own, value: not value or own[-len(value) :] == value,
    "gt": lambda own, value: own > value,
    "gte": lambda own, value: own >= value,
    "lt": lambda own, value: own < value,
    "lte": lambda own, value: own <= value,
}
VALUES = {"name": NAMES, "size": SIZES, "made": TIMES, "kept": st.booleans()}


@st.composite
def lookups(draw):
    """A lookup, its value, and what it should be of a thing."""
    name = draw(st.sampled_from(list(VALUES)))
    ways = list(ORACLE) if name == "name" else ["exact", "gt", "gte", "lt", "lte"]
    way = draw(st.sampled_from([*ways, "in", "isnull"]))
    if way == "isnull":
        value = draw(st.booleans())
        return f"{name}__isnull", value, lambda thing: (getattr(thing, name) is None) == value
    if way == "in":
        several = draw(st.lists(VALUES[name], max_size=3))
        return f"{name}__in", several, lambda thing: getattr(thing, name) in several
    value = draw(VALUES[name])
    written = name if way == "exact" and draw(st.booleans()) else f"{name}__{way}"

    def expected(thing):
        own = getattr(thing, name)
        return own is not None and ORACLE[way](own, value)

    return written, value, expected


@st.composite
def conditions(draw, depth=3):
    """A condition, and what it should be of a thing, in plain Python."""
    kind = draw(st.sampled_from(["one", "and", "or", "not"])) if depth else "one"
    if kind == "one":
        name, value, expected = draw(lookups())
        return Q(**{name: value}), expected
    left, is_left = draw(conditions(depth - 1))
    if kind == "not":
        return ~left, lambda thing: not is_left(thing)
    right, is_right = draw(conditions(depth - 1))
    if kind == "and":
        return left & right, lambda thing: is_left(thing) and is_right(thing)
    return left | right, lambda thing: is_left(thing) or is_right(thing)


@LAWS
@given(conditions(), st.lists(THINGS, max_size=6))
def test_conditions_find_what_plain_python_finds(condition, things):
    asked, expected = condition
    fits = FIELDS.matcher(asked)
    assert [fits(thing) for thing in things] == [expected(thing) for thing in things]


@LAWS
@given(conditions(), conditions(), THINGS)
def test_conditions_obey_the_laws_of_logic(one, other, thing):
    a, b = one[0], other[0]

    def is_it(condition):
        return FIELDS.matcher(condition)(thing)

    assert is_it(~~a) == is_it(a)
    assert is_it(~(a & b)) == is_it(~a | ~b)
    assert is_it(a & b) == is_it(b & a) == is_it(Q(a, b))
    assert is_it(a | b) == is_it(b | a)
    assert is_it(Q() | a) == is_it(Q() & a) == is_it(a)


def test_an_empty_condition_excludes_nothing():
    thing = Thing("a", 1, None, None)
    assert FIELDS.matcher(Q())(thing)
    assert FIELDS.matcher(~Q())(thing)
    assert not Q()


def test_all_lookups_of_a_condition_hold():
    fits = FIELDS.matcher(Q(name="a", size__gt=1))
    assert fits(Thing("a", 2, None, None))
    assert not fits(Thing("a", 1, None, None))
    assert not fits(Thing("b", 2, None, None))


def test_nothing_is_among_no_values():
    fits = FIELDS.matcher(Q(name__in=["a", None], size__in=(size for size in (1, 2))))
    assert fits(Thing("a", 1, None, None))
    assert fits(Thing("a", 1, None, None))
    assert not fits(Thing(None, 1, None, None))


def test_what_exactly_nothing_is_asked_for_like_isnull():
    fits = FIELDS.matcher(Q(name=None))
    assert fits(Thing(None, 1, None, None))
    assert not fits(Thing("", 1, None, None))


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-02",
        "2026-01-02T00:00:00",
        "2026-01-02T01:00:00+01:00",
        date(2026, 1, 2),
        datetime(2026, 1, 2),  # noqa: DTZ001 - as people write it
    ],
)
def test_times_are_compared_however_they_are_written(value):
    second = Thing("a", 1, datetime(2026, 1, 2, tzinfo=UTC), True)
    third = replace(second, made=datetime(2026, 1, 3, tzinfo=UTC))
    assert FIELDS.matcher(Q(made=value))(second)
    assert FIELDS.matcher(Q(made__gt=value))(third)
    assert not FIELDS.matcher(Q(made__gt=value))(second)


def test_numbers_and_truths_written_as_texts_or_numbers_are_understood():
    thing = Thing("7", 7, None, True)
    assert FIELDS.matcher(Q(size="7", kept=1, name=7))(thing)
    assert FIELDS.matcher(Q(size__contains="7"))(thing)


def test_an_unknown_field_is_told_with_the_nearest_first():
    with pytest.raises(QueryRejected) as caught:
        FIELDS.matcher(Q(nam="a"))
    assert "“nam”" in str(caught.value)
    assert caught.value.hint == "Use one of: name, size, made, kept."


def test_an_unknown_lookup_is_told_with_the_nearest_first():
    with pytest.raises(QueryRejected) as caught:
        FIELDS.matcher(Q(name__contain="a"))
    assert "“contain”" in str(caught.value)
    assert "Use one of: contains, icontains," in caught.value.hint
    assert all(way in caught.value.hint for way in LOOKUPS)


@pytest.mark.parametrize(
    ("lookup", "value", "told"),
    [
        ("size__gt", "large", "a number"),
        ("size", [1], "a number"),
        ("made__lt", "yesterday", "a time"),
        ("made__lt", 7, "a time"),
        ("kept", "perhaps", "True or False"),
        ("kept", [], "True or False"),
        ("name__isnull", "yes", "True or False"),
        ("name__icontains", None, "a text"),
        ("name", ["a"], "a text"),
        ("name__in", "abc", "several values"),
        ("size__in", 3, "several values"),
        ("size__in", ["x"], "a number"),
    ],
)
def test_a_value_that_cannot_be_compared_is_refused_in_words(lookup, value, told):
    with pytest.raises(QueryRejected, match=re.escape(told)) as caught:
        FIELDS.matcher(Q(**{lookup: value}))
    assert lookup in str(caught.value)


@LAWS
@given(
    st.lists(THINGS, max_size=8),
    st.lists(st.sampled_from(["name", "-name", "size", "-size", "made", "-kept"]), max_size=3),
)
def test_things_are_ordered_as_told_with_what_is_not_known_last(things, names):
    found = FIELDS.ordered(things, names)
    assert sorted(map(repr, found)) == sorted(map(repr, things))
    if names:
        name = names[0].removeprefix("-")
        values = [getattr(thing, name) for thing in found]
        known = [value for value in values if value is not None]
        assert values == known + [None] * (len(values) - len(known))
        keys = [value.casefold() if isinstance(value, str) else value for value in known]
        assert keys == sorted(keys, reverse=names[0].startswith("-"))
    else:
        assert found == things


def test_later_fields_order_what_the_first_leaves_equal_and_else_nothing_moves():
    things = [
        Thing("b", 1, None, True),
        Thing("A", 1, None, False),
        Thing("a", 0, None, True),
        Thing("A", 1, None, True),
    ]
    assert FIELDS.ordered(things, ["size", "-name"]) == [things[2], things[0], things[1], things[3]]


def test_conditions_can_be_read():
    assert repr(~(Q(name="a", size__gt=1) | Q(kept=True))) == "~Q(Q(Q(name='a' & size__gt=1) | Q(kept=True)))"
