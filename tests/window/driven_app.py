"""The real application as its command line starts it, driven and read from outside.

Each line of standard input is a JSON command, answered by one JSON line on the standard output. Only what a
person could do is done: keys, clicks, and reading what the window shows.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import traceback
from typing import Any

from PySide6.QtCore import (
    QMetaObject,
    QMimeData,
    QObject,
    QPoint,
    QPointF,
    Qt,
    QTimer,
    QUrl,
    Signal,
    Slot,
)
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from elysia_desktop.__main__ import main
from elysia_desktop.ui.chat.answer import AnswerView
from elysia_desktop.ui.chat.remarks import HealedError, WarningLine
from elysia_desktop.ui.displays.card import ResultCard
from elysia_desktop.ui.main_window import MainWindow
from elysia_desktop.ui.tables.view import ObjectTable


class Remote(QObject):
    """Does in the window's thread what is read in another one."""

    said = Signal(str)

    def __init__(self, answers: Any) -> None:
        super().__init__()
        self._answers = answers
        self.said.connect(self._obey, Qt.ConnectionType.QueuedConnection)

    def listen(self) -> None:
        """Pass every line on; the application ends when there are no more."""
        for line in sys.stdin:
            self.said.emit(line)
        QMetaObject.invokeMethod(self, "_leave", Qt.ConnectionType.QueuedConnection)

    @Slot()
    def _leave(self) -> None:
        for window in _windows():
            window.close()

    @Slot(str)
    def _obey(self, line: str) -> None:
        window = next(iter(_windows()), None)
        if window is None or not window.isVisible():
            QTimer.singleShot(20, lambda: self._obey(line))
            return
        if QApplication.activeWindow() is None:
            # There is no window manager that would do it.
            window.activateWindow()
            QTest.qWaitForWindowActive(window)
        command: dict[str, Any] = json.loads(line)
        try:
            result = getattr(Hands(window), command.pop("do"))(**command)
            answer = {"result": result}
        except Exception:  # noqa: BLE001 - the test is told
            answer = {"error": traceback.format_exc()}
        self._answers.write(json.dumps(answer) + "\n")
        self._answers.flush()


class Hands:
    """What can be done to the window, by name."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def type(self, text: str) -> None:
        """Write with the keyboard where the focus is."""
        focus = QApplication.focusWidget() or self._window
        for number, line in enumerate(text.split("\n")):
            if number:
                QTest.keyClick(focus, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
            QTest.keyClicks(focus, line)

    def press(self, keys: str) -> None:
        """Press keys such as Esc or Ctrl+N."""
        # Through the window system's way in, so that shortcuts are seen as well.
        QTest.keySequence(self._window.windowHandle(), QKeySequence(keys))

    def click(self, name: str, index: int = 0) -> None:
        """Click the visible widget with this accessible name."""
        found = [w for w in self._all(QWidget) if w.accessibleName() == name and w.isVisible()]
        assert found, f"nothing visible is called {name!r}"
        QTest.mouseClick(found[index], Qt.MouseButton.LeftButton)

    def cite(self, index: int) -> str:
        """Click a citation; answers what stands on it."""
        for view in self._all(AnswerView):
            if index < len(view._badges):
                badge = view._badges[index]
                self._window.page.timeline.ensureWidgetVisible(view)
                QTest.mouseClick(
                    view.viewport(),
                    Qt.MouseButton.LeftButton,
                    Qt.KeyboardModifier.NoModifier,
                    view._badge_place(badge).center().toPoint(),
                )
                return view.document().toPlainText()[badge.position : badge.position + badge.length]
            index -= len(view._badges)
        raise AssertionError("there are not so many citations")

    def drop(self, paths: list[str]) -> None:
        """Drop files onto the conversation."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(path) for path in paths])
        copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
        none, page = Qt.KeyboardModifier.NoModifier, self._window.page
        place = page.rect().center()
        QApplication.sendEvent(page, QDragEnterEvent(place, copy, data, left, none))
        QApplication.sendEvent(page, QDropEvent(QPointF(place), copy, data, left, none))

    def click_row(self, row: int, card: int = 0) -> None:
        """Click a row of a card's table."""
        table = self._all(ResultCard)[card].display.findChild(ObjectTable)
        place = table.visualRect(table.model().index(row, 0)).center()
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place))

    def choose(self, text: str) -> None:
        """Choose a command of the menus by its text."""
        for action in self._window.findChildren(QAction):
            if action.text().replace("&", "") == text:
                action.trigger()
                return
        raise AssertionError(f"there is no command {text!r}")

    def resize(self, width: int, height: int) -> None:
        """Give the window another size."""
        self._window.resize(width, height)

    def grab(self, path: str) -> None:
        """Keep a picture of the window."""
        self._window.grab().save(path)

    def close(self) -> None:
        """Close the window, as by its button."""
        QTimer.singleShot(0, self._window.close)

    def state(self) -> dict[str, Any]:
        """What the window shows."""
        window = self._window
        page = window.page
        notice = page.notice
        return {
            "size": [window.width(), window.height()],
            "title": page.header.title,
            "chips": page.header.chips,
            "notice": " ".join(label.text() for label in notice.findChildren(QLabel)).strip()
            if notice
            else "",
            "draft": page.composer.draft,
            "hint": page.composer.hint,
            "running": page.composer.running,
            "files": [file.name for file in page.composer.files.files],
            "file_chips": [chip.text() for chip in page.composer.files.chips],
            "reading": page.composer.files.progress,
            "suggestions": page.welcome.suggestions if page.welcome.isVisible() else [],
            "turns": [self._turn(turn) for turn in page.timeline.turns],
            "status": [
                label.text()
                for label in window.status.findChildren(QLabel)
                if label.isVisible() and label.text()
            ],
            "conversations": self._rows(window.conversations.model),
            "current": window.conversations.model.current,
            "docks": {
                d.objectName(): [d.isVisible(), d.width()] for d in (window.side_dock, window.inspector_dock)
            },
            "inspector": self._inspector(),
            "focus": (QApplication.focusWidget() or window).accessibleName(),
        }

    def _turn(self, turn: Any) -> dict[str, Any]:
        view = self._window.page.timeline.view_of(turn.query_id)
        if view is None:
            return {"prompt": turn.prompt}
        healed = view.findChildren(HealedError)
        return {
            "prompt": turn.prompt,
            "steps": [[step.node, step.found, step.state] for step in view._steps.steps],
            "answer": view.answer,
            "citations": [label for a in view.findChildren(AnswerView) for label in a.citations.values()],
            "cards": [self._card(card) for card in view.findChildren(ResultCard)],
            "warnings": [
                label.text() for w in view.findChildren(WarningLine) for label in w.findChildren(QLabel)
            ],
            "healed": [error._line.text() for error in healed],
            "footer": view._footer.summary if view._footer.isVisible() else "",
            "rating": view._footer.rating,
            "doing": view._status.text() if view._status.isVisible() else "",
        }

    def _card(self, card: ResultCard) -> dict[str, Any]:
        table = card.display.findChild(ObjectTable)
        return {
            "title": card.title,
            "badges": card.display.badges,
            "table": self._table(table) if table is not None else None,
        }

    def _table(self, table: ObjectTable) -> dict[str, Any]:
        model = table.object_model()
        columns = range(model.columnCount())
        chosen = table.selected_object()
        return {
            "columns": [
                model.headerData(c, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole) for c in columns
            ],
            "rows": [
                [str(model.index(r, c).data()) for c in columns] for r in range(min(model.rowCount(), 12))
            ],
            "count": model.rowCount(),
            "selected": str(chosen.get("_REF_ID")) if chosen else "",
        }

    def _inspector(self) -> dict[str, Any]:
        inspector = self._window.inspector
        tree = inspector.run.found.tree
        model = tree.model()
        here = tree.currentIndex()

        def rows(parent: Any, deep: int) -> list[Any]:
            return [
                [
                    str(model.index(r, 0, parent).data()),
                    rows(model.index(r, 0, parent), deep - 1) if deep > 1 else [],
                ]
                for r in range(model.rowCount(parent))
            ]

        return {
            "tab": inspector.current_tab,
            "environment": rows(here.sibling(-1, -1), 3),
            "selected": model.ref_of(here) if here.isValid() else "",
            "objects": self._table(inspector.objects._table),
            "decision": inspector.decision.text(),
            "calls": [node.name for node in inspector.run.calls.nodes],
            "document": self._document(inspector.document),
        }

    @staticmethod
    def _document(page: Any) -> dict[str, Any]:
        cursor = page.view.textCursor()
        at = page.view.source.offset(cursor.position())
        return {
            "name": page.header.name,
            "words": page.words,
            "passage": page.places.passage,
            "page": page.view.page,
            "text": page.view.source.text[at : at + 400] if page.file is not None else "",
            "is_in_sight": page.view.viewport().rect().contains(page.view.cursorRect().topLeft()),
        }

    @staticmethod
    def _rows(model: Any) -> list[str]:
        return [str(model.index(row, 0).data()) for row in range(model.rowCount())]

    def _all(self, kind: Any) -> list[Any]:
        above = [w for w in QApplication.topLevelWidgets() if w is not self._window and w.isVisible()]
        return [w for top in (*above, self._window) for w in top.findChildren(kind)]


def _windows() -> list[MainWindow]:
    app = QApplication.instance()
    return (
        [w for w in app.topLevelWidgets() if isinstance(w, MainWindow)]
        if isinstance(app, QApplication)
        else []
    )


if __name__ == "__main__":
    # What the application itself prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    remote = Remote(answers)
    threading.Thread(target=remote.listen, daemon=True).start()
    sys.exit(main(sys.argv[1:]))
