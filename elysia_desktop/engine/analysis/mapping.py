"""Mappings: which property of a collection stands in which field of a display."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from elysia_desktop.core.schema import Property
from elysia_desktop.engine.analysis.displays import DISPLAYS, TABLE, Display, takes

Mappings = dict[str, dict[str, str]]
"""Display → its field → property; fields without a property are left out."""

THRESHOLD = 0.3
_ROUNDING = 1e-9


def is_kept(display: Display, mapping: Mapping[str, str], threshold: float = THRESHOLD) -> bool:
    """Whether enough of a display's fields are mapped, `threshold` being a share of them, and all required."""
    mapped = {field for field in display.fields if mapping.get(field)}
    enough = len(mapped) >= threshold * len(display.fields) - _ROUNDING
    return bool(mapped) and enough and mapped.issuperset(display.required)


def can_be_kept(display: Display, properties: Sequence[Property], threshold: float = THRESHOLD) -> bool:
    """Whether properties of these types could fill enough of a display."""
    possible = {field: "any" for field in display.fields if candidates(field, properties)}
    few = len(properties) < threshold * len(display.fields) - _ROUNDING
    return not few and is_kept(display, possible, threshold)


def candidates(field: str, properties: Sequence[Property]) -> list[str]:
    """The properties whose type a display's field takes."""
    return [prop.name for prop in properties if prop.type in takes(field)]


def table_mapping(properties: Sequence[Property]) -> dict[str, str]:
    """Every property as itself."""
    return {prop.name: prop.name for prop in properties}


def with_table(found: Mapping[str, Mapping[str, str]], properties: Sequence[Property]) -> Mappings:
    """These mappings in the order of the displays, and the table.

    Whoever shows no conversations shows their messages, which have the same fields.
    """
    if found.get("conversation"):
        found = {"message": found["conversation"], **found}
    ordered = {name: dict(found[name]) for name in DISPLAYS if name in found}
    return {**ordered, TABLE: table_mapping(properties)}
