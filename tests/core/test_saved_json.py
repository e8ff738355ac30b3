import pytest

from elysia_desktop.core.saved_json import Saved

SAVED = Saved({"a": {"b": [{"c": "text"}, 3, True, None]}, "empty": None}, "")


def test_what_is_there_is_read_as_what_it_is():
    items = SAVED["a"]["b"].items()
    assert items[0]["c"].text() == "text"
    assert (items[1].number(), items[2].flag()) == (3, True)
    assert SAVED.get("empty", 5).number() == 5
    assert SAVED.get("absent", ["x"]).texts() == ["x"]
    assert list(SAVED["a"].parts()) == ["b"]


@pytest.mark.parametrize(
    ("read", "words"),
    [
        (lambda: SAVED["x"], "x is missing."),
        (lambda: SAVED["a"]["x"], "a.x is missing."),
        (lambda: SAVED["a"]["b"]["c"], "a.b is not an object."),
        (lambda: SAVED["a"]["b"].items()[0]["d"], "a.b[0].d is missing."),
        (SAVED["a"]["b"].items()[0].items, "a.b[0] is not a list."),
        (SAVED["a"]["b"].items()[1].text, "a.b[1] is not a text."),
        (SAVED["a"]["b"].items()[2].number, "a.b[2] is not a whole number."),
        (SAVED["a"]["b"].items()[1].flag, "a.b[1] is not true or false."),
        (SAVED["empty"].text, "empty is not a text."),
        (lambda: Saved([], "").object(), "What was saved is not an object."),
    ],
)
def test_what_is_not_there_or_is_something_else_is_named_by_its_place(read, words):
    with pytest.raises(ValueError) as caught:
        read()
    assert str(caught.value) == words
