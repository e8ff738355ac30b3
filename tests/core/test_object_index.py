from elysia_desktop.core.object_index import ObjectIndex

PLACE = ("t", "n")
ONE, TWO = b"content one", b"content two"


def stored(index, *contents, stem="r", **options):
    items = [({"of": content}, content) for content in contents]
    return [item["_REF_ID"] for item in index.store(PLACE, items, stem, **options)]


def test_an_equal_object_is_stored_under_the_id_of_the_first():
    index = ObjectIndex()
    assert stored(index, ONE, TWO, ONE) == ["r0", "r1", "r0"]
    assert stored(index, ONE, stem="s", include_duplicates=True) == ["s0"]
    assert index.get("r0") == {"of": ONE, "_REF_ID": "r0"}
    assert index.get("unknown") is None


def test_when_the_first_is_forgotten_the_next_equal_one_comes_first():
    index = ObjectIndex()
    stored(index, ONE, ONE, ONE, include_duplicates=True)
    index.forget(PLACE, {"r0", "r1"})
    assert stored(index, ONE, stem="s") == ["r2"]
    index.forget(PLACE, {"r2"})
    assert stored(index, ONE, stem="s") == ["s0"]


def test_a_forgotten_id_stays_taken_until_it_is_released():
    index = ObjectIndex()
    stored(index, ONE)
    index.forget(PLACE, {"r0"})
    assert index.taken() == ["r0"]
    assert index.unused("r0") == "r0_2"
    index.release({"r0", "unknown"})
    assert index.unused("r0") == "r0"


def test_a_living_objects_id_is_neither_released_nor_taken_away():
    index = ObjectIndex()
    stored(index, ONE)
    index.release({"r0"})
    index.take(["r0"])
    assert index.get("r0") is not None
    assert index.unused("r0") == "r0_2"


def test_an_heir_in_another_place_is_known_there():
    index = ObjectIndex()
    stored(index, ONE)
    heir = {"of": ONE, "_REF_ID": "r0"}
    index.inherit(PLACE, ("t", "other"), heir)
    assert index.get("r0") is heir
    assert stored(index, ONE, stem="s") == ["s0"]
    assert index.store(("t", "other"), [({}, ONE)], "o")[0]["_REF_ID"] == "r0"
