import importlib
import pkgutil

import pytest

from elysia_desktop.ui import displays
from elysia_desktop.ui.displays import DISPLAYS, display_for
from elysia_desktop.ui.displays.base import ResultDisplay
from elysia_desktop.ui.displays.table import TableDisplay

OBJECT = {
    "title": "Tent <b>x</b>",
    "name": "Tent",
    "content": "Roomy.",
    "price": 3,
    "rating": None,
    "_REF_ID": "query_Products_0_0",
}


def payload(kind, objects=(OBJECT,), **metadata):
    return {"type": kind, "objects": list(objects), "metadata": {"collection_name": "Products", **metadata}}


@pytest.mark.parametrize("kind", [*DISPLAYS, "default", "something_new"])
def test_every_type_has_a_display_that_finds_its_objects(qtbot, kind):
    display = display_for(payload(kind))
    qtbot.addWidget(display)
    display.resize(600, 400)
    display.show()
    assert not display.grab().isNull()
    assert display.title == "Products"
    assert display.select_ref("query_Products_0_0")
    assert not display.select_ref("query_Products_0_99")


@pytest.mark.parametrize("kind", DISPLAYS)
def test_no_display_stumbles_over_missing_fields(qtbot, kind):
    for broken in (
        {"type": kind},
        payload(kind, [{}]),
        payload(kind, [{"collections": 7, "title": {"a": 1}}]),
    ):
        display = display_for(broken)
        qtbot.addWidget(display)
        display.show()
        assert display.badges[0] == kind.replace("_", " ")


def test_an_unknown_type_is_shown_as_a_table(qtbot):
    display = display_for(payload("something_new"))
    qtbot.addWidget(display)
    assert type(display) is TableDisplay


def test_every_display_is_listed():
    modules = [
        importlib.import_module(f"{displays.__name__}.{module.name}")
        for module in pkgutil.iter_modules(displays.__path__)
    ]
    written = {
        thing
        for module in modules
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, ResultDisplay) and thing is not ResultDisplay
    }
    assert written == set(DISPLAYS.values())


def test_the_badges_say_how_many_of_how_many(qtbot):
    display = display_for(payload("table", total=1214))
    qtbot.addWidget(display)
    assert display.badges == ["table", "1 of 1,214"] or display.badges == ["table", "1 of 1214"]


def test_a_result_without_objects_says_so(qtbot):
    display = display_for(payload("table", []))
    qtbot.addWidget(display)
    assert display.note == "Nothing was found."


def test_without_a_collection_the_objects_name_the_result(qtbot):
    display = display_for({"type": "table", "objects": [{"a": 1, "collection_name": "Orders"}]})
    qtbot.addWidget(display)
    assert display.title == "Orders"
