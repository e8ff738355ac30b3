"""Typed signatures: what a prompt hands in and what a reply must hold, as dspy declares them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any, Literal, Union
from weakref import WeakKeyDictionary

from pydantic import BaseModel, ConfigDict, create_model

from elysia_desktop.engine.model_library import load_model_library
from elysia_desktop.engine.reply_schema import described, reply_schema

Signature = Any
"""A `dspy.Signature` class; dspy carries no types of its own."""


class Output:
    """One field of a reply: its type, what it is for, and its bounds (`max_length`, `min_length`, `ge`, `le`)."""

    def __init__(self, kind: Any, description: str = "", **bounds: Any) -> None:
        self.kind = kind
        self.description = description
        self.bounds = bounds


def signature(
    name: str, instructions: str, inputs: Sequence[str], outputs: Mapping[str, Output]
) -> Signature:
    """A signature whose inputs are texts; outputs come in the order given, which is the order of writing."""
    dspy = load_model_library()
    fields: dict[str, Any] = {key: (str, dspy.InputField()) for key in inputs}
    for key, output in outputs.items():
        fields[key] = (output.kind, dspy.OutputField(desc=output.description, **output.bounds))
    return dspy.Signature(fields, instructions, signature_name=name)


@dataclass(frozen=True)
class Shape:
    """What a signature's reply must be: as a pydantic model, as a JSON schema, and as a model reads it."""

    outputs: type[BaseModel]
    schema: dict[str, Any]
    described: str


_shapes: WeakKeyDictionary[Any, Shape] = WeakKeyDictionary()


def shape_of(declared: Signature) -> Shape:
    """The shape of a signature's replies, worked out once for as long as the signature is in use."""
    shape = _shapes.get(declared)
    if shape is None:
        outputs = _outputs_of(declared)
        shape = _shapes[declared] = Shape(outputs, reply_schema(outputs), described(outputs))
    return shape


def _outputs_of(declared: Signature) -> type[BaseModel]:
    """The output fields of a signature as one pydantic model."""
    fields: dict[str, Any] = {
        key: (info.annotation, _plain(info)) for key, info in declared.output_fields.items()
    }
    return create_model(f"{declared.__name__}Reply", __config__=ConfigDict(extra="ignore"), **fields)


def one_of(values: Sequence[str] | Sequence[int]) -> Any:
    """The type of a value that is one of these."""
    return Literal.__getitem__(tuple(values))  # type: ignore[attr-defined]


def any_of(kinds: Sequence[Any]) -> Any:
    """The type of a value that has one of these types."""
    return kinds[0] if len(kinds) == 1 else Union.__getitem__(tuple(kinds))  # type: ignore[attr-defined]


def _plain(info: Any) -> Any:
    """A dspy output field without dspy's own marks: its description and bounds stay."""
    plain = copy(info)
    marks: dict[str, Any] = info.json_schema_extra or {}
    plain.description = marks.get("desc") or info.description
    plain.json_schema_extra = None
    return plain
