"""The inputs of a tool: how they are declared, told to a model, and checked."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from copy import deepcopy
from types import UnionType
from typing import Annotated, Any, Optional, TypedDict, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic.errors import PydanticUndefinedAnnotation, PydanticUserError
from pydantic.fields import FieldInfo

from elysia_desktop.core.errors import ToolError
from elysia_desktop.engine.reply_schema import described, reply_schema

TEXT_BOUND = 1200
"""Characters of a text input that sets no `max_length` of its own."""
LIST_BOUND = 12
"""Items of a list input that sets no `max_length` of its own."""

_PLAIN = (str, int, float, bool, list, dict, Any)


class ToolInput(TypedDict, total=False):
    """One input of a tool as the model sees it; `type` is a Python type or annotation."""

    description: str
    type: Any
    default: Any
    required: bool


class CheckedInputs(dict[str, Any]):
    """Inputs that were checked against their declaration: checking again would run validators twice."""


def copied(inputs: Mapping[str, Mapping[str, Any]]) -> dict[str, ToolInput]:
    """The declarations with defaults of their own."""
    return {
        name: ToolInput(
            **{key: deepcopy(value) if key == "default" else value for key, value in told.items()}
        )  # pyright: ignore[reportArgumentType] - callers are untyped
        for name, told in inputs.items()
    }


def identity_of(inputs: Mapping[str, ToolInput]) -> tuple[Hashable, ...]:
    """Equal for inputs that are declared alike; unlike a `repr`, it tells apart two types of the same name."""
    return tuple(
        (
            name,
            declared.get("description", ""),
            _identity(declared.get("type", Any)),
            repr(declared.get("default")),
            bool(declared.get("required")),
        )
        for name, declared in inputs.items()
    )


def inputs_model(name: str, inputs: Mapping[str, ToolInput], *, bounded: bool = True) -> type[BaseModel]:
    """The inputs as a pydantic model, each under an alias that is its name.

    With `bounded`, texts and lists get a limit where they set none: small models repeat themselves without end.
    """
    fields: dict[str, Any] = {}
    for number, (key, declared) in enumerate(inputs.items()):
        kind = declared.get("type", Any)
        default = ... if declared.get("required") else declared.get("default")
        if bounded:
            kind = _bounded(kind)
        if default is None:
            kind = Optional[kind]  # noqa: UP045 - not always a class, so it may have no “|”
        about = declared.get("description") or None
        # an input may be called what a model's own attributes are called, hence the alias
        fields[f"input_{number}"] = (kind, Field(default, alias=key, description=about))
    return create_model(name, __config__=ConfigDict(extra="ignore"), **fields)


def values_of_model(filled: BaseModel) -> CheckedInputs:
    """The values of a filled-in `inputs_model`, by the inputs' names; nested models stay models."""
    fields = type(filled).model_fields
    return CheckedInputs({str(field.alias): getattr(filled, name) for name, field in fields.items()})


def check(tool_name: str, model: type[BaseModel], given: Mapping[str, Any]) -> CheckedInputs:
    """The values as their types say, defaults filled in; raises `ToolError` naming what does not fit."""
    if isinstance(given, CheckedInputs):
        return given
    known = {str(field.alias): field for field in model.model_fields.values()}
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ToolError(
            f"The tool {tool_name} has no input {_listed(unknown)}.",
            f"Its inputs are {_listed(known)}." if known else "It has none.",
        )
    # None is what `get_default_inputs` gives for an input without a default
    missing = [
        name
        for name, field in known.items()
        if field.is_required() and given.get(name) is None and not _takes_none(field)
    ]
    if missing:
        raise ToolError(f"The tool {tool_name} was not given {_listed(missing)}, which it needs.")
    try:
        return values_of_model(model.model_validate(dict(given)))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        told = "; ".join(f"{'.'.join(map(str, p['loc']))}: {p['msg']}" for p in problems)
        raise ToolError(f"The tool {tool_name} was given inputs that do not fit. {told}.") from error


def refuse_untellable(tool_name: str, inputs: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise `TypeError` for an input whose type no model can be told of, or that is declared in another shape."""
    for name, declared in inputs.items():
        if not isinstance(declared, Mapping) or set(declared) - ToolInput.__optional_keys__:  # pyright: ignore[reportUnnecessaryIsInstance] - callers are untyped
            keys = ", ".join(ToolInput.__annotations__)
            raise TypeError(f"The input {name} of the tool {tool_name} must be a dict with any of: {keys}.")
        kind = declared.get("type", Any)
        if any(kind is plain for plain in _PLAIN):
            continue
        try:
            checked = create_model("Checked", value=(kind, ...))
            reply_schema(checked)
            described(checked)
        except (PydanticUserError, PydanticUndefinedAnnotation, RecursionError, TypeError) as error:
            raise TypeError(
                f"The input {name} of the tool {tool_name} has the type {_named(kind)}, which no model can "
                f"fill in{_reason(error)}. Use plain types, an Enum, a dataclass or a pydantic model."
            ) from error


def description_in(kind: Any) -> str:
    """The words that an `Annotated[…]` type carries: a text, or a `Field`'s or `Doc`'s."""
    for note in get_args(kind)[1:] if get_origin(kind) is Annotated else ():
        told = (
            note
            if isinstance(note, str)
            else getattr(note, "description", None) or getattr(note, "documentation", None)
        )
        if isinstance(told, str) and told:
            return told
    return ""


def field_in(kind: Any) -> FieldInfo | None:
    """The pydantic `Field` that an `Annotated[…]` type carries."""
    notes = get_args(kind)[1:] if get_origin(kind) is Annotated else ()
    return next((note for note in notes if isinstance(note, FieldInfo)), None)


def without_words(kind: Any) -> Any:
    """The type without the texts that only describe it."""
    if get_origin(kind) is not Annotated:
        return kind
    base, *notes = get_args(kind)
    left = [note for note in notes if not isinstance(note, str)]
    return Annotated[(base, *left)] if left else base


def _identity(kind: Any) -> Hashable:
    try:
        hash(kind)
    except TypeError:  # what it is annotated with may be anything
        return id(kind)
    return kind


def _bounded(kind: Any) -> Any:
    """The type with a limit to each text and list in it that has none."""
    origin, parts = get_origin(kind), get_args(kind)
    if kind is str:
        return Annotated[str, Field(max_length=TEXT_BOUND)]
    if kind is list:
        return Annotated[list[Any], Field(max_length=LIST_BOUND)]
    if origin is Annotated:
        base, *notes = parts
        return Annotated[(base if _has_length(notes) else _bounded(base), *notes)]
    if origin is list:
        inner: Any = _bounded(parts[0])
        return Annotated[list[inner], Field(max_length=LIST_BOUND)]
    if origin in {Union, UnionType}:
        return Union[tuple(_bounded(part) for part in parts)]  # noqa: UP007 - made at run time
    return kind


def _has_length(notes: list[Any]) -> bool:
    told = [mark for note in notes for mark in (note.metadata if isinstance(note, FieldInfo) else [note])]
    return any(getattr(mark, "max_length", None) is not None for mark in told)


def _takes_none(field: FieldInfo) -> bool:
    kind = field.annotation
    return kind is Any or kind is None or type(None) in get_args(kind) or None in get_args(kind)


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return ", as it contains itself"
    first = str(error).splitlines()[0].rstrip(".")
    return f": {first}" if "typing_extensions" in first else ""


def _named(kind: Any) -> str:
    return kind.__qualname__ if isinstance(kind, type) else str(kind)


def _listed(names: Any) -> str:
    return ", ".join(f"“{name}”" for name in names)
