from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.stores.base import is_internal


@given(st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,20}", fullmatch=True))
def test_internal_names_are_those_of_the_application(name):
    assert is_internal(f"ELYSIA_{name}__")
    assert not is_internal(f"A{name}__")
    assert not is_internal(f"ELYSIA_{name}x")


def test_the_collections_of_the_application_are_internal():
    internal = ("ELYSIA_TREES__", "ELYSIA_METADATA__", "ELYSIA_FEEDBACK__", "ELYSIA_CHUNKED_films__")
    assert all(map(is_internal, internal))
    assert not any(map(is_internal, ("Films", "ELYSIAN_FIELDS", "elysia_trees__", "ELYSIA_NOTES")))
