"""The environment as a tree of rows that are made when they are looked at."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from typing_extensions import override

from elysia_desktop.core.environment import Environment
from elysia_desktop.ui.inspector.environment_nodes import (
    Item,
    Kind,
    Node,
    Shown,
    Tree,
    contents_of,
    count_of,
    is_repeat,
    items_of,
    single_of,
    tail_of,
)
from elysia_desktop.ui.inspector.row_text import label_of, summary_of
from elysia_desktop.ui.widgets.plain import plain_tip

CHUNK = 200
LONGEST_TIP = 1500

Index = QModelIndex | QPersistentModelIndex
Path = tuple[str, ...]

_NOWHERE = QModelIndex()


class EnvironmentModel(QAbstractItemModel):
    """Tool → result → object → field, then `hidden_environment` and `errors`; name and value as columns.

    Rows are made in chunks of 200 when they are fetched. A result found once holds its objects itself; found
    several times it holds one row per time.
    """

    refreshed = Signal()
    """The contents have been read again, whether or not they differ."""
    grown = Signal(QModelIndex, int, int)
    """As `rowsInserted`, told when more rows can be made."""
    replaced = Signal()
    """The model was reset and rows can be made again, which they cannot while `modelReset` is told."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._environment = Environment(self_info=False)
        self._errors: Mapping[str, list[str]] = {}
        self._filter = ""
        self._version = -1
        self._ids = count(1)
        self._nodes: dict[int, Node] = {}
        self._root = self._make_root()
        self._is_changing = False

    def set_environment(self, environment: Environment, errors: Mapping[str, list[str]]) -> None:
        """Show another environment, live: `refresh` reads it again."""
        self._environment, self._errors = environment, errors
        self._reset()
        self.refreshed.emit()

    def set_filter(self, text: str) -> None:
        """Show only what matches by tool, result name, reference id or title; empty shows all."""
        if text.strip() != self._filter:
            self._filter = text.strip()
            self._reset()
            self.refreshed.emit()

    def refresh(self) -> None:
        """Read the environment again: new rows are inserted, any other change resets the model."""
        changed = self._environment.version != self._version
        item = self._root_item() if changed else self._root.item
        self._version = self._environment.version
        if not self._sync(self._root, item, shallow=not changed):
            self._reset()
        self.refreshed.emit()

    @property
    def filter_text(self) -> str:
        """What the rows are filtered by."""
        return self._filter

    @property
    def object_count(self) -> int:
        """The number of objects in the environment."""
        return sum(len(entry["objects"]) for _, _, entry in self._environment.entries())

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing at all: no result, nothing hidden, no error."""
        tree: Tree = self._root.item.value
        return not (
            self._environment.environment.keys() - {"SelfInfo"} or tree.hidden or any(tree.errors.values())
        )

    @property
    def shown_count(self) -> int:
        """The number of objects that pass the filter."""
        contents = self._root.item.value.contents
        return sum(
            len(shown.positions) for named in contents.values() for all_ in named.values() for shown in all_
        )

    def can_grow(self, parent: Index) -> bool:
        """Whether `fetchMore` makes further rows below one that has some.

        `canFetchMore` denies it then: a tree view fetches whenever it lays its rows out, until all are made.
        """
        node = self._node(parent)
        return not self._is_changing and node.fetched < node.total

    def value_of(self, index: Index) -> Any:
        """The value behind a row as it stands in the environment: for a result its entries."""
        item = self._node(index).item
        match item.kind:
            case Kind.TOOL:
                return self._environment.environment.get(item.key)
            case Kind.NAME:
                return [shown.entry for shown in item.value]
            case Kind.ENTRY:
                return item.value.entry
            case _:
                return item.value

    def ref_of(self, index: Index) -> str:
        """The reference id of the object that a row is or belongs to, else empty."""
        node: Node | None = self._node(index)
        while node is not None and node.item.kind is not Kind.OBJECT:
            node = node.parent
        return node.item.label if node else ""

    def is_tool(self, index: Index) -> bool:
        """Whether a row stands for a tool."""
        return self._node(index).item.kind is Kind.TOOL

    def path_of(self, index: Index) -> Path:
        """What tells a row from all others, also after a reset."""
        keys: list[str] = []
        node: Node | None = self._node(index)
        while node is not None and node is not self._root:
            keys.append(node.item.key)
            if node.parent and (single := single_of(node.parent.item)):
                keys.append(f"#{single.number}")
            node = node.parent
        return tuple(reversed(keys))

    def open_paths_of(self, index: Index) -> list[Path]:
        """The paths to open again for an open row; a result found once stands for its only entry, too."""
        path, single = self.path_of(index), single_of(self._node(index).item)
        return [path, (*path, f"#{single.number}")] if single else [path]

    def index_of_path(self, path: Path) -> QModelIndex:
        """The row of a path, made if need be; invalid when it is gone."""
        node = self._root
        for key in path:
            single = single_of(node.item) if node.item.kind is Kind.NAME else None
            if single is not None and key == f"#{single.number}":
                continue
            found = self._child(node, key)
            if found is None:
                return QModelIndex()
            node = found
        return self._index_of(node)

    def index_of_ref(self, ref_id: str) -> QModelIndex:
        """The row of the object with this reference id, made if need be; invalid without one."""
        path = self._path_of_ref(ref_id)
        return self.index_of_path(path) if path else QModelIndex()

    def has_ref(self, ref_id: str) -> bool:
        """Whether an object has this reference id, without making its row."""
        return bool(self._path_of_ref(ref_id))

    def _path_of_ref(self, ref_id: str) -> Path:
        for tool, named in self._root.item.value.contents.items():
            for name, entries in named.items():
                for shown in entries:
                    objects = shown.entry["objects"]
                    for position in shown.positions:
                        item = objects[position]
                        if item.get("_REF_ID") == ref_id and not is_repeat(item):
                            return (tool, name, f"#{shown.number}", ref_id)
        return ()

    def _root_item(self) -> Item:
        tree = Tree(
            contents=contents_of(self._environment, self._filter),
            hidden=self._environment.hidden_environment,
            errors=self._errors,
            is_filtered=bool(self._filter),
        )
        return Item("", "", Kind.ROOT, tree)

    def _make_root(self) -> Node:
        item = self._root_item()
        self._version = self._environment.version
        root = Node(0, item, None, 0, count_of(item))
        self._nodes = {0: root}
        return root

    def _reset(self) -> None:
        self._is_changing = True
        self.beginResetModel()
        self._root = self._make_root()
        self.endResetModel()
        self._is_changing = False
        self.replaced.emit()

    def _node(self, index: Index) -> Node:
        return self._nodes[index.internalId()] if index.isValid() else self._root

    def _index_of(self, node: Node, column: int = 0) -> QModelIndex:
        return QModelIndex() if node is self._root else self.createIndex(node.row, column, node.id)

    def _make(self, item: Item, parent: Node) -> Node:
        node = Node(next(self._ids), item, parent, 0, count_of(item))
        self._nodes[node.id] = node
        return node

    def _fetch(self, node: Node, wanted: int) -> None:
        """Make up to `wanted` more rows below a node, in front of those that stand last."""
        start = node.fetched
        items = items_of(node.item, start, min(node.total, start + wanted))
        if not node.is_open:
            items += node.tail
        if not items:
            node.is_open = True
            return
        # Who hears of a change may ask for more rows; they are not inserted within the change.
        self._is_changing = True
        self.beginInsertRows(self._index_of(node), start, start + len(items) - 1)
        node.children[start:start] = [self._make(item, node) for item in items]
        node.fetched = min(node.total, start + wanted)
        node.is_open = True
        for row in range(start, len(node.children)):
            node.children[row].row = row
        self.endInsertRows()
        self._is_changing = False
        self.grown.emit(self._index_of(node), start, start + len(items) - 1)

    def _child(self, node: Node, key: str) -> Node | None:
        """The row below with this key, made if need be."""
        if not node.is_open:
            self._fetch(node, CHUNK)
        found = next((child for child in node.children if child.item.key == key), None)
        if found is None and node.fetched < node.total:
            rest = items_of(node.item, node.fetched, node.total)
            position = next((position for position, item in enumerate(rest) if item.key == key), None)
            if position is not None:
                self._fetch(node, (position // CHUNK + 1) * CHUNK)
                found = next((child for child in node.children if child.item.key == key), None)
        return found

    def _sync(self, node: Node, item: Item, *, shallow: bool = False) -> bool:
        """Bring a row and those made below it up to date; False when only a reset can.

        A shallow one leaves out the tools: the environment counts its own changes, the rest does not.
        """
        was_leaf, had_all, total = not node.has_children, node.fetched == node.total, count_of(item)
        if total < node.fetched:
            return False
        children, is_same = list(node.children), _is_same_entry(node.item, item)
        if is_same or not node.is_open:
            below = [child.item for child in children]
        else:
            below = items_of(item, 0, node.fetched) + tail_of(item)
        if [new.key for new in below] != [child.item.key for child in children]:
            return False  # with the old items in place, so that views can tell what was open
        node.item = item
        is_grown, node.total = total > node.total, total
        if is_grown and (was_leaf or (node.is_open and had_all)):
            # A row that was a leaf gets its first rows at once: a view never asks a leaf again.
            self._fetch(node, CHUNK)
        for child, new in zip(children, below, strict=True):
            if shallow and child.item.kind is Kind.TOOL:
                continue
            if child.item.kind is Kind.OBJECT and not child.is_open:
                child.item, child.total = new, count_of(new)
            elif not self._sync(child, new):
                return False
        if node.children and not is_same:
            self.dataChanged.emit(self._index_of(node.children[0]), self._index_of(node.children[-1], 1))
        return True

    def _tip(self, item: Item) -> str:
        text = item.value if isinstance(item.value, str) else summary_of(item, self._environment)
        return plain_tip(text if len(text) <= LONGEST_TIP else f"{text[:LONGEST_TIP]}…")

    # Qt overrides

    @override
    def index(self, row: int, column: int, /, parent: Index = _NOWHERE) -> QModelIndex:
        siblings = self._node(parent).children if parent.column() <= 0 else []
        if not (0 <= row < len(siblings) and 0 <= column < 2):
            return QModelIndex()
        return self.createIndex(row, column, siblings[row].id)

    @override
    def parent(self, child: Index, /) -> QModelIndex:  # pyright: ignore[reportIncompatibleMethodOverride] - QObject's own takes nothing
        parent = self._node(child).parent
        return QModelIndex() if parent is None else self._index_of(parent)

    @override
    def rowCount(self, /, parent: Index = _NOWHERE) -> int:
        return len(self._node(parent).children) if parent.column() <= 0 else 0

    @override
    def columnCount(self, /, parent: Index = _NOWHERE) -> int:
        return 2

    @override
    def hasChildren(self, /, parent: Index = _NOWHERE) -> bool:
        return parent.column() <= 0 and self._node(parent).has_children

    @override
    def canFetchMore(self, parent: Index, /) -> bool:
        if parent.column() > 0 or self._is_changing:
            return False
        node = self._node(parent)
        return not node.is_open and node.has_children

    @override
    def fetchMore(self, parent: Index, /) -> None:
        if not self._is_changing:
            self._fetch(self._node(parent), CHUNK)

    @override
    def data(self, index: Index, /, role: int = Qt.ItemDataRole.DisplayRole) -> str | int | None:
        if not index.isValid():
            return None
        item = self._node(index).item
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return label_of(item) if index.column() == 0 else summary_of(item, self._environment)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{label_of(item)}: {summary_of(item, self._environment)}"
            case Qt.ItemDataRole.ToolTipRole:
                return self._tip(item)
            case Qt.ItemDataRole.TextAlignmentRole if index.column() == 1:
                return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            case _:
                return None

    @override
    def headerData(
        self, section: int, orientation: Qt.Orientation, /, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.tr("Name") if section == 0 else self.tr("Value")
        return None


def _is_same_entry(before: Item, after: Item) -> bool:
    """Whether two items hold the same objects: an entry neither gains nor loses any."""
    if before.kind not in (Kind.NAME, Kind.ENTRY) or before.kind is not after.kind:
        return False
    old = single_of(before) if before.kind is Kind.NAME else before.value
    new = single_of(after) if after.kind is Kind.NAME else after.value
    if not isinstance(old, Shown) or not isinstance(new, Shown):
        return False
    return old.entry is new.entry and isinstance(new.positions, range) and old.positions == new.positions
