from typing import Any

import pytest

from elysia_desktop import Tool as PublicTool
from elysia_desktop.engine.tool import Tool


class ByAttributes(Tool):
    name, description, status, end = "attributes", "By attributes.", "…", True
    inputs = {"x": {"type": int, "default": [1]}}  # noqa: RUF012 - as tools are written


class Bare(Tool):
    name = "bare"
    inputs = {"x": {"default": []}}  # noqa: RUF012 - as tools are written

    def __init__(self, source):
        self.source = source


def test_a_tool_is_declared_by_arguments():
    made = Tool("add", "Adds.", "Adding…", {"x": {"type": int, "required": True}}, True, colour="red")
    assert (made.name, made.description, made.status, made.end) == ("add", "Adds.", "Adding…", True)
    assert made.inputs == {"x": {"type": int, "required": True}}
    assert made.get_default_inputs() == {"x": None}
    assert made.options == {"colour": "red"}


def test_arguments_win_over_class_attributes():
    made = ByAttributes(name="other", status="Now…", inputs={}, end=False)
    assert (made.name, made.description, made.status, made.end) == ("other", "By attributes.", "Now…", False)
    assert made.inputs == {}
    assert ByAttributes.name == "attributes"


@pytest.mark.parametrize("status", [None, ""])
def test_the_status_says_what_runs_unless_another_is_given(status):
    assert Tool("add", "Adds.", status).status == "Running add..."
    assert Bare("anything").status == "Running bare..."


def test_a_tool_that_does_not_call_up_has_what_its_class_says():
    first, second = Bare("a"), Bare("b")
    first.inputs["x"]["default"].append(1)
    assert second.get_default_inputs() == {"x": []}
    assert (first.name, first.end, first.source) == ("bare", False, "a")


def test_instances_share_no_inputs():
    first, second = ByAttributes(), ByAttributes()
    first.inputs["x"]["default"].append(2)
    first.inputs["x"]["type"] = str
    first.inputs["y"] = {}
    assert second.inputs == ByAttributes.inputs == {"x": {"type": int, "default": [1]}}


def test_defaults_are_new_every_time():
    made = ByAttributes()
    made.get_default_inputs()["x"].append(2)
    ByAttributes.get_metadata()["inputs"]["x"]["default"].append(3)
    assert made.get_default_inputs() == ByAttributes().get_default_inputs() == {"x": [1]}


def test_given_inputs_are_not_shared_with_the_giver():
    given: dict[str, Any] = {"x": {"type": list, "default": [1]}}
    made = Tool("add", "Adds.", inputs=given)
    made.inputs["x"]["default"].append(2)
    assert given == {"x": {"type": list, "default": [1]}}


def test_a_tool_needs_a_name():
    with pytest.raises(ValueError, match="has no name"):
        Tool()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"x": int}, "must be a dict"),
        ({"x": {"typ": int}}, "description, type, default"),
        ({"x": {"type": object()}}, "x"),
    ],
)
def test_inputs_declared_wrongly_are_refused_in_words(wrong, said):
    with pytest.raises(TypeError, match=said):
        Tool("add", "Adds.", inputs=wrong)
    with pytest.raises(TypeError, match=said):
        type("Add", (Tool,), {"name": "add", "inputs": wrong})()


async def test_by_default_a_tool_is_available_and_does_not_run_unasked():
    made = ByAttributes()
    assert await made.is_tool_available(None, None, None, None) is True
    assert await made.run_if_true(None, None, None, None) == (False, {})
    with pytest.raises(TypeError, match="attributes does nothing"):
        made(None, {}, None, None, None)


def test_the_public_name_is_this_class():
    assert PublicTool is Tool


@pytest.mark.parametrize("hook", [Tool.run_if_true, Tool.is_tool_available, Tool.__call__])
def test_a_subclass_may_annotate_any_client_manager(hook):
    assert hook.__annotations__["client_manager"] == "Any"
