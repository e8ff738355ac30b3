"""The conversations as rows: a heading per day, then what was asked on it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QDate,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from elysia_desktop.core.conversation import ConversationSummary

Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()


class Role(IntEnum):
    """What a row can be asked for besides its title."""

    ID = Qt.ItemDataRole.UserRole + 1
    DETAIL = Qt.ItemDataRole.UserRole + 2
    PINNED = Qt.ItemDataRole.UserRole + 3
    CURRENT = Qt.ItemDataRole.UserRole + 4
    HEADING = Qt.ItemDataRole.UserRole + 5


def local_now() -> datetime:
    """Now, by the clock and zone of this computer."""
    return datetime.now().astimezone()


class ConversationModel(QAbstractListModel):
    """Conversations, pinned ones first, then the newest; a heading row opens each group.

    A row's text may be edited: `renamed` tells of the id and the new title.
    """

    renamed = Signal(str, str)

    def __init__(self, parent: QObject | None = None, now: Callable[[], datetime] = local_now) -> None:
        super().__init__(parent)
        self._now = now
        self._rows: list[str | ConversationSummary] = []
        self._current = ""

    def set_conversations(self, conversations: Sequence[ConversationSummary]) -> None:
        """Show these; when only titles or counts differ, rows stay where they are."""
        rows = self._grouped(conversations)
        if [_key(row) for row in rows] == [_key(row) for row in self._rows]:
            self._rows = rows
            self._repaint(range(len(rows)))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def set_current(self, conversation_id: str) -> None:
        """Mark the conversation that is open."""
        changed = [row for row in (self.row_of(self._current), self.row_of(conversation_id)) if row >= 0]
        self._current = conversation_id
        self._repaint(changed)

    @property
    def current(self) -> str:
        """The id of the open conversation, empty when none is."""
        return self._current

    def row_of(self, conversation_id: str) -> int:
        """The row of a conversation; -1 when it is not listed."""
        for number, row in enumerate(self._rows):
            if not isinstance(row, str) and row.id == conversation_id:
                return number
        return -1

    def summary(self, index: Index) -> ConversationSummary | None:
        """The conversation of a row; None for a heading."""
        row = self._rows[index.row()] if 0 <= index.row() < len(self._rows) else ""
        return None if isinstance(row, str) else row

    def _grouped(self, conversations: Sequence[ConversationSummary]) -> list[str | ConversationSummary]:
        rows: list[str | ConversationSummary] = []
        newest_first = sorted(conversations, key=lambda each: each.updated_at.astimezone(), reverse=True)
        heading = ""
        for each in sorted(newest_first, key=lambda each: not each.pinned):
            group = self.tr("Pinned") if each.pinned else self._day(each.updated_at.astimezone().date())
            if group != heading:
                rows.append(group)
                heading = group
            rows.append(each)
        return rows

    def _day(self, day: date) -> str:
        today = self._now().astimezone().date()
        if day >= today:
            return self.tr("Today")
        if day == today - timedelta(days=1):
            return self.tr("Yesterday")
        if day > today - timedelta(days=7):
            return QLocale().standaloneDayName(day.isoweekday())
        return QLocale().toString(
            QDate(day.year, day.month, day.day), "d MMMM" if day.year == today.year else "d MMMM yyyy"
        )

    def _detail(self, conversation: ConversationSummary) -> str:
        one = conversation.prompts == 1
        prompts = self.tr("1 prompt") if one else self.tr("{n} prompts").format(n=conversation.prompts)
        return " · ".join(filter(None, [prompts, ", ".join(conversation.collections)]))

    def _repaint(self, rows: Sequence[int]) -> None:
        if rows:
            self.dataChanged.emit(self.index(min(rows), 0), self.index(max(rows), 0))

    # Qt overrides

    @override
    def rowCount(self, /, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._rows)

    @override
    def data(self, index: Index, /, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if isinstance(row, str):
            return row if role in {Qt.ItemDataRole.DisplayRole, Role.HEADING} else None
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                answer: Any = row.title
            case Role.ID:
                answer = row.id
            case Role.DETAIL:
                answer = self._detail(row)
            case Role.PINNED:
                answer = row.pinned
            case Role.CURRENT:
                answer = row.id == self._current
            case Qt.ItemDataRole.AccessibleTextRole:
                answer = f"{row.title}, {self._detail(row)}"
            case _:
                answer = None
        return answer

    @override
    def setData(self, index: Index, value: Any, /, role: int = Qt.ItemDataRole.EditRole) -> bool:
        conversation = self.summary(index)
        title = " ".join(str(value).split())
        if role != Qt.ItemDataRole.EditRole or conversation is None or not title:
            return False
        if title != conversation.title:
            self.renamed.emit(conversation.id, title)
        return True

    @override
    def flags(self, index: Index, /) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        if self.summary(index) is None:
            return Qt.ItemFlag.ItemNeverHasChildren
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsEditable
            | Qt.ItemFlag.ItemNeverHasChildren
        )


def _key(row: str | ConversationSummary) -> str:
    return row if isinstance(row, str) else f"\0{row.id}"
