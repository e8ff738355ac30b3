"""How a setting describes itself, so that the dialog and the documentation are made from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args, get_origin

from pydantic import BaseModel, Field

Group = Literal["Models", "Data connection", "Agent", "Timeouts", "Privacy", "Appearance", "Advanced"]


def setting(
    default: Any,
    title: str,
    description: str,
    group: Group,
    *,
    section: str = "",
    unit: str = "",
    widget: str = "",
    **constraints: Any,
) -> Any:
    """A field that the settings dialog and the documentation can be made from."""
    extra: dict[str, Any] = {"group": group, "section": section, "unit": unit, "widget": widget}
    return Field(default, title=title, description=description, json_schema_extra=extra, **constraints)


@dataclass(frozen=True)
class SettingField:
    """One setting as a form shows it."""

    name: str
    title: str
    description: str
    group: Group
    section: str
    unit: str
    widget: str
    annotation: Any
    default: Any
    constraints: tuple[Any, ...]

    @property
    def choices(self) -> tuple[str, ...]:
        """The values of a setting that is one of a few words."""
        return get_args(self.annotation) if get_origin(self.annotation) is Literal else ()


def place_of(model: type[BaseModel], name: str) -> str:
    """Where a person finds a setting, such as “Settings → Privacy → Learn from feedback”; “Settings” for no setting."""
    return next(
        (f"Settings → {each.group} → {each.title}" for each in fields_of(model) if each.name == name),
        "Settings",
    )


def fields_of(model: type[BaseModel]) -> Iterator[SettingField]:
    """Every field of a settings model that a form can show, in order."""
    for name, info in model.model_fields.items():
        extra = cast("dict[str, Any]", info.json_schema_extra)
        if extra["widget"] == "hidden":
            continue
        yield SettingField(
            name=name,
            title=info.title or name,
            description=info.description or "",
            group=extra["group"],
            section=extra["section"],
            unit=extra["unit"],
            widget=extra["widget"],
            annotation=info.annotation,
            default=info.default,
            constraints=tuple(info.metadata),
        )
