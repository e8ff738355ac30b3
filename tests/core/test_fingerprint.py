import json
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elysia_desktop.core.fingerprint import fingerprints

VALUES = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 1.0, -0.0, 0.0, 10**22, 1e22, "", "a", "{", "\ud800"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)
OBJECTS = st.dictionaries(st.sampled_from(["a", "b", "_REF_ID"]), VALUES, max_size=3)


@given(st.lists(OBJECTS, max_size=6))
@settings(deadline=None)
def test_fingerprints_are_equal_exactly_when_the_json_is(objects):
    found = fingerprints(objects)
    canonical = [
        json.dumps({key: value for key, value in item.items() if key != "_REF_ID"}, sort_keys=True)
        for item in objects
    ]
    assert [found.index(mark) for mark in found] == [canonical.index(text) for text in canonical]


@pytest.mark.parametrize("text", ["name", "a longer text", "naïve", "語"])
def test_it_makes_no_difference_where_a_text_comes_from(text):
    interned, made = sys.intern(text), "".join(list(text))
    shared = [interned, interned]
    assert (
        len(set(fingerprints([{"a": interned, "b": shared}, {"b": [made, "".join(list(text))], "a": made}])))
        == 1
    )


def test_sixteen_bytes_are_kept_of_an_object_of_any_size():
    assert {len(mark) for mark in fingerprints([{}, {"a": 1}, {"a": "long" * 10_000}])} == {16}
