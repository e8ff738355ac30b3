import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from state.keeping import CountingHome
from state.saying import LAWS

from elysia_desktop.state.bridge import Bridge
from elysia_desktop.state.storage import StorageManager


@pytest.fixture
def home():
    return CountingHome()


@pytest.fixture
def storage(home, bridge):
    return StorageManager(home, bridge)


def test_it_is_read_once_and_only_when_used(storage, home):
    assert repr(storage) == "StorageManager(not read yet)"
    assert home.asked == []
    assert storage.get("a") is None
    assert dict(storage) == {}
    assert home.asked == ["storage"]


def test_what_is_saved_is_there_for_the_next_one(storage, home, bridge):
    storage["seen"] = ["d1"]
    storage.update(count=2)
    storage.save()
    other = StorageManager(home, bridge)
    assert other == {"seen": ["d1"], "count": 2}
    assert repr(other) == "StorageManager(seen, count)"
    del other["seen"]
    other.save()
    assert StorageManager(home, bridge) == {"count": 2}


def test_it_is_saved_only_where_it_has_changed(storage, home):
    storage.save()
    assert home.asked == []
    storage["a"] = 1
    storage.save()
    storage["a"] = 1
    storage.save()
    assert home.asked == ["storage", ("save_storage", {"a": 1})]


def test_changes_within_a_value_are_saved(storage, home):
    storage.setdefault("seen", []).append("d1")
    storage.setdefault("seen", []).append("d2")
    storage.save()
    storage["seen"].append("d3")
    storage.save()
    assert home.asked[1:] == [
        ("save_storage", {"seen": ["d1", "d2"]}),
        ("save_storage", {"seen": ["d1", "d2", "d3"]}),
    ]


def test_a_value_is_a_copy_as_json_has_it(storage):
    given = {"places": (1, 2)}
    storage["a"] = given
    storage["at"] = datetime(2026, 1, 31, tzinfo=UTC)
    given["more"] = True
    assert storage == {"a": {"places": [1, 2]}, "at": "2026-01-31T00:00:00+00:00"}


def test_what_is_not_json_is_refused_with_its_path(storage):
    with pytest.raises(TypeError, match=re.escape("storage.a.list[1]")):
        storage["a"] = {"list": [1, object()]}
    assert "a" not in storage
    storage["b"] = []
    storage["b"].append(object())
    with pytest.raises(TypeError, match=re.escape("storage.b[0]")):
        storage.save()
    with pytest.raises(TypeError, match="texts"):
        storage[3] = "a"


def test_what_was_not_saved_is_forgotten(storage):
    storage["a"] = 1
    storage.save()
    storage["a"] = 2
    storage.reset()
    assert storage == {"a": 1}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@LAWS
@given(st.dictionaries(st.text(max_size=4), JSON, max_size=4))
async def test_whatever_is_json_comes_back(values):
    home, bridge = CountingHome(), Bridge()
    storage = StorageManager(home, bridge)
    await storage.load()
    storage.update(values)
    await storage.asave()
    again = StorageManager(home, bridge)
    await again.load()
    assert dict(again) == values
