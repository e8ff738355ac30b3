"""Python expressions laid out as Python's formatters do: on one line where they fit, else an argument a line."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from elysia_desktop.core.requests import Scalar

WIDTH = 88
STEP = 4


@dataclass(frozen=True)
class Group:
    """Expressions between brackets, each with what stands before it, such as a keyword."""

    opening: str
    parts: tuple[tuple[str, Node], ...]
    closing: str


Node = str | Group
"""An expression; a text is one that is not broken."""


def call(name: str, *positional: Node, **keywords: Node | None) -> Node:
    """A call; keywords that are None are left out."""
    given = [(f"{key}=", value) for key, value in keywords.items() if value is not None]
    return Group(f"{name}(", (*(("", value) for value in positional), *given), ")")


def items(values: Iterable[Node]) -> Node:
    """A list of these."""
    return Group("[", tuple(("", value) for value in values), "]")


def mapping(values: Mapping[str, Node]) -> Node:
    """A dictionary with texts for keys."""
    return Group("{", tuple((f"{literal(key)}: ", value) for key, value in values.items()), "}")


def expression(node: Node, before: str, after: str) -> str:
    """An expression laid out for a place between two texts of a line."""
    return "\n".join(statement(before, node, 0, after))[len(before) : -len(after)]


def statement(start: str, node: Node, depth: int = 0, end: str = "") -> list[str]:
    """The lines of a statement that begins with `start` and ends with an expression and `end`."""
    indent = " " * (STEP * depth)
    return _lines(f"{indent}{start}", node, indent, end)


def assignment(name: str, chain: tuple[str, ...], depth: int = 0) -> list[str]:
    """The lines that assign a chain of calls, its first part with the first call, to a name."""
    indent = " " * (STEP * depth)
    line = f"{indent}{name} = {''.join(chain)}"
    if len(line) <= WIDTH or len(chain) < 3:
        return [line]
    inner = f"{indent}{' ' * STEP}"
    return [f"{indent}{name} = (", *(f"{inner}{part}" for part in chain), f"{indent})"]


def _lines(start: str, node: Node, indent: str, end: str) -> list[str]:
    flat = f"{start}{_flat(node)}{end}"
    if isinstance(node, str) or not node.parts or len(flat) <= WIDTH:
        return [flat]
    inner = f"{indent}{' ' * STEP}"
    lines = [f"{start}{node.opening}"]
    for before, value in node.parts:
        lines += _lines(f"{inner}{before}", value, inner, ",")
    return [*lines, f"{indent}{node.closing}{end}"]


def _flat(node: Node) -> str:
    if isinstance(node, str):
        return node
    parts = ", ".join(f"{before}{_flat(value)}" for before, value in node.parts)
    return f"{node.opening}{parts}{node.closing}"


def literal(value: Scalar) -> str:
    """A value as Python writes it; nothing in a text can end its quotes."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return repr(value)


def _quoted(text: str) -> str:
    """In double quotes, unless that takes more backslashes."""
    written = repr(text)
    if written[0] == '"' or text.count('"') > text.count("'"):
        return written
    # Written anew, since only `repr` knows what else to escape.
    inner = written[1:-1].replace("\\'", "'").replace('"', '\\"')
    return f'"{inner}"'
