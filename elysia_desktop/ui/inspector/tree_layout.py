"""Where the boxes and links of a decision tree are drawn: geometry in pixels, without Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

MARGIN = 12.0
ROW_GAP = 12.0
COLUMN_GAPS = (58.0, 48.0, 40.0, 32.0, 24.0)
PADDING = 11.0
PLAIN_HEIGHT = 30.0
NOTED_HEIGHT = 44.0
MAX_TEXT_WIDTH = 180.0

TreeNode = Mapping[str, Any]
"""`{"name", "id", "description", "instruction", "reasoning", "branch", "options": {id: the same}}`."""
TextWidth = Callable[[str, str], float]
"""The width of a text in a `plain`, `strong` or `small` style."""


@dataclass(frozen=True)
class Course:
    """How far a run has come in a tree: what is lit, what runs, and each node's line below its name."""

    edges: frozenset[tuple[str, str]] = frozenset()
    taken: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    running: str | None = None
    notes: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Box:
    """One node of the drawing; `key` is its path of ids, for a tool may stand in several places."""

    key: str
    node: str
    title: str
    note: str
    description: str
    depth: int
    parent: str | None
    x: float
    y: float
    width: float
    height: float
    is_branch: bool
    is_taken: bool
    is_running: bool
    is_failed: bool

    def contains(self, x: float, y: float) -> bool:
        """Whether a point lies within."""
        return self.x <= x <= self.x + self.width and self.y <= y <= self.y + self.height


@dataclass(frozen=True)
class Link:
    """A curve from the side of one box to the side of one of its options."""

    start: tuple[float, float]
    end: tuple[float, float]
    is_taken: bool


@dataclass(frozen=True)
class TreeLayout:
    """The drawing of a tree: boxes in reading order, the first is the root."""

    boxes: tuple[Box, ...] = ()
    links: tuple[Link, ...] = ()
    width: float = 0.0
    height: float = 0.0

    def box(self, key: str) -> Box | None:
        """The box of this key."""
        return next((box for box in self.boxes if box.key == key), None)

    def box_of(self, node: str) -> Box | None:
        """The box of a node: a lit one where it stands in several places."""
        found = [box for box in self.boxes if box.node == node]
        return next((box for box in found if box.is_taken), found[0] if found else None)

    def box_at(self, x: float, y: float) -> Box | None:
        """The box that covers a point."""
        return next((box for box in self.boxes if box.contains(x, y)), None)

    def options_of(self, box: Box) -> list[Box]:
        """The boxes that hang on this one."""
        return [other for other in self.boxes if other.parent == box.key]

    def neighbour(self, box: Box, step: int) -> Box:
        """The box `step` places further down in the same column, the last there is at its ends."""
        column = [other for other in self.boxes if other.depth == box.depth]
        return column[max(0, min(len(column) - 1, column.index(box) + step))]


@dataclass
class _Place:
    box: Box
    options: list[_Place]
    band: float = 0.0
    """The height that the box and all that hangs on it take up."""


def lay_out(
    tree: TreeNode, course: Course, width_of: TextWidth, available: float, *, mirrored: bool = False
) -> TreeLayout:
    """Draw a tree from left to right, columns as far apart as `available` allows."""
    if not tree:
        return TreeLayout()
    root = _place(tree, None, course, width_of)
    _set_rows(root, MARGIN)
    height = root.band + 2 * MARGIN
    width = 0.0
    for gap in COLUMN_GAPS:
        width = _set_columns(root, gap)
        if width <= available:
            break
    places = list(_walk(root))
    if mirrored:
        width = max(width, available)
        for place in places:
            place.box = replace(place.box, x=width - place.box.x - place.box.width)
    links = [
        _link(place.box, option.box, course, mirrored=mirrored)
        for place in places
        for option in place.options
    ]
    return TreeLayout(tuple(place.box for place in places), tuple(links), width, height)


def nodes_of(tree: TreeNode) -> Iterator[TreeNode]:
    """Every node of a tree, the root first."""
    if tree:
        yield tree
        for option in _options(tree):
            yield from nodes_of(option)


def _options(node: TreeNode) -> list[TreeNode]:
    options: Mapping[str, TreeNode] = node.get("options") or {}
    return list(options.values())


def _place(node: TreeNode, parent: Box | None, course: Course, width_of: TextWidth) -> _Place:
    name = str(node.get("id") or node.get("name") or "")
    title = str(node.get("name") or name)
    reached_here = parent is None or (parent.node, name) in course.edges
    # A tool that ran by itself was reached over no link; it is lit wherever it stands.
    by_itself = not any(to == name for _, to in course.edges)
    taken = name in course.taken and (reached_here or by_itself)
    running = course.running == name and (reached_here or by_itself)
    lit = taken or running
    note = course.notes.get(name, "") if lit else ""
    text = max(width_of(title, "strong" if lit else "plain"), width_of(note, "small") if note else 0.0)
    box = Box(
        key=name if parent is None else f"{parent.key}/{name}",
        node=name,
        title=title,
        note=note,
        description=str(node.get("description") or node.get("instruction") or ""),
        depth=0 if parent is None else parent.depth + 1,
        parent=None if parent is None else parent.key,
        x=0.0,
        y=0.0,
        width=min(text, MAX_TEXT_WIDTH) + 2 * PADDING,
        height=NOTED_HEIGHT if note else PLAIN_HEIGHT,
        is_branch=bool(node.get("branch")),
        is_taken=taken,
        is_running=running,
        is_failed=taken and name in course.failed,
    )
    options = [_place(option, box, course, width_of) for option in _options(node)]
    below = sum(option.band for option in options) + ROW_GAP * max(0, len(options) - 1)
    return _Place(box, options, max(box.height, below))


def _walk(place: _Place) -> Iterator[_Place]:
    yield place
    for option in place.options:
        yield from _walk(option)


def _set_rows(place: _Place, top: float) -> None:
    place.box = replace(place.box, y=top + (place.band - place.box.height) / 2)
    below = sum(option.band for option in place.options) + ROW_GAP * max(0, len(place.options) - 1)
    top += (place.band - below) / 2
    for option in place.options:
        _set_rows(option, top)
        top += option.band + ROW_GAP


def _set_columns(root: _Place, gap: float) -> float:
    """Set every x; a column starts `gap` behind the widest box that has options. Returns the whole width."""
    column, x, right = [root], MARGIN + 4, 0.0
    while column:
        for place in column:
            place.box = replace(place.box, x=x)
        right = max(right, *(x + place.box.width for place in column))
        parents = [place for place in column if place.options]
        x = max((place.box.x + place.box.width for place in parents), default=0.0) + gap
        column = [option for place in parents for option in place.options]
    return right + MARGIN + 4


def _link(start: Box, end: Box, course: Course, *, mirrored: bool) -> Link:
    out, into = (start.x, end.x + end.width) if mirrored else (start.x + start.width, end.x)
    return Link(
        (out, start.y + start.height / 2),
        (into, end.y + end.height / 2),
        is_taken=(start.node, end.node) in course.edges and start.is_taken,
    )
