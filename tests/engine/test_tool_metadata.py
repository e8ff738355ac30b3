from typing import Any, Literal

import pytest

from elysia_desktop.engine.tool import Tool, ToolInput

NAME = "constant"
WORDS = {"description": "words", "type": list[str]}


class ByAttributes(Tool):
    name, description, status, end = "attributes", "By attributes.", "…", True
    inputs = {"x": {"type": int, "default": 1}}  # noqa: RUF012 - as tools are written


class ByLiterals(Tool):
    def __init__(self, **kwargs):
        super().__init__(
            name="literals",
            description="By literals, on two lines.",
            inputs={"x": {"description": "a number", "type": int, "default": -1, "required": True}},
            end=True,
            **kwargs,
        )


class ByPosition(Tool):
    def __init__(self):
        super().__init__("position", "By position.", "At once", {}, True)


class ByTheOldWay(Tool):
    def __init__(self, logger=None):
        self.logger = logger
        super(ByTheOldWay, self).__init__("old", description="Old.")  # noqa: UP008 - as old tools are written


class ByTheParentsName(Tool):
    def __init__(self):
        Tool.__init__(self, "named", "By the parent's name.")


class Mixed(Tool):
    name = "mixed"
    status = "Mixing…"

    def __init__(self):
        super().__init__(description="Attributes and literals.", end=True)


class Inherits(ByLiterals):
    pass


class InheritsWithItsOwnAttributes(ByLiterals):
    status = "Inheriting…"


class HandsOn(ByLiterals):
    def __init__(self, logger=None):
        super().__init__(status="Handed on…")


class Parameters(Tool):
    def __init__(self, name="by_default", *, end=True, **more):
        super().__init__(name=name, description=f"It is {len(more)}.", end=end, **more)


class SetsThem(Parameters):
    def __init__(self):
        super().__init__("set", end=False, status="Setting…")


class ByConstants(Tool):
    purpose = "By constants."

    def __init__(self):
        super().__init__(
            NAME,
            self.purpose,
            inputs={
                "words": WORDS,
                "how": {"type": Literal["a", "b"] | None, "default": "a"},
                "number": ToolInput(description="a number", type=int, default=(1, 2)),
                **dict(more={"type": Any}),  # noqa: C408 - as tools are written
            },
        )


class Beside:
    def __init__(self, name):
        super().__init__(name, "Through a class that is no tool.")


class Beneath(Beside, Tool):
    def __init__(self):
        super().__init__("beneath")


@pytest.mark.parametrize(
    "kind",
    [
        ByAttributes,
        ByLiterals,
        ByPosition,
        ByTheOldWay,
        ByTheParentsName,
        Mixed,
        Inherits,
        InheritsWithItsOwnAttributes,
        HandsOn,
        SetsThem,
        ByConstants,
        Beneath,
    ],
)
def test_metadata_is_that_of_an_instance_without_making_one(kind):
    read = kind.get_metadata()
    made = kind()
    expected = {field: getattr(made, field) for field in ("name", "description", "status", "inputs", "end")}
    if kind is SetsThem:
        expected["description"] = ""  # computed
    assert read == expected


class Computes(Tool):
    name = "computes"
    description = "From the class."
    status = "Computing…"

    def __init__(self, more: str = "x", end=False):
        end = end or bool(more)
        name = "local"
        super().__init__(name, f"Computed {more}", status=str(more), inputs={more: {"type": int}}, end=end)


class Raises(Tool):
    name = "raises"

    def __init__(self, needed):
        raise AssertionError("An instance was made.")


class Cannot(Tool):
    name = "cannot"

    def __init__(self):
        super().__init__("too", "many", "arguments", {}, False, "for this")


def test_what_is_computed_is_left_at_the_class_attribute():
    read = Computes.get_metadata()
    assert (read["name"], read["description"], read["status"]) == (
        "computes",
        "From the class.",
        "Computing…",
    )
    assert read["end"] is False
    assert read["inputs"] == {"x": {"type": int}}  # a default of a parameter is known


@pytest.mark.parametrize("kind", [Raises, Cannot])
def test_a_class_that_cannot_be_made_is_read_all_the_same(kind):
    assert kind.get_metadata()["name"] == kind.name
    assert kind.get_metadata()["status"] == f"Running {kind.name}..."


def test_a_class_without_source_is_read_by_its_attributes():
    made: dict[str, Any] = {"Tool": Tool}
    source = (
        "class Hidden(Tool):\n name = 'hidden'\n def __init__(self):\n  super().__init__(description='x')"
    )
    exec(source, made)
    assert made["Hidden"].get_metadata()["name"] == "hidden"
    assert made["Hidden"].get_metadata()["description"] == ""
