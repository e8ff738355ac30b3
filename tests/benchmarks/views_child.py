"""Shows a long conversation and a large table in a real window and times what the person waits for."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication, QWidget
from ui.chat.runs import a_run, a_turn, delta

from elysia_desktop.ui import theme
from elysia_desktop.ui.main_window import MainWindow
from elysia_desktop.ui.tables.view import ObjectTable

TURNS = 2_500
"""Of a question and an answer each."""
ROWS = 100_000
SCROLL_STEPS = 200
ROUNDS = 5


def settled(app: QApplication, seconds: float = 1.0) -> None:
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        app.processEvents()


def shown(app: QApplication, widget: QWidget, change: Callable[[], object]) -> float:
    """Milliseconds until a change is painted."""
    started = time.perf_counter()
    change()
    app.sendPostedEvents()  # what lays out anew
    widget.repaint()
    return (time.perf_counter() - started) * 1000


def conversation(app: QApplication, window: MainWindow) -> dict[str, float]:
    page = window.page
    turns = [a_turn(f"q{number}", a_run()) for number in range(TURNS)]
    viewport = page.timeline.viewport()
    shown(app, viewport, lambda: page.set_turns(turns[:1]))
    settled(app)
    opened: list[float] = []
    for _ in range(ROUNDS):
        page.set_turns([])
        settled(app, 0.2)
        opened.append(shown(app, viewport, lambda: page.set_turns(turns)))
        settled(app)
    page.add_turn(a_turn("new", [], seconds=None))
    settled(app)
    appended = [
        shown(app, viewport, lambda: page.apply("new", delta("some more words ", "new"))) for _ in range(50)
    ]
    settled(app)
    bar = page.timeline.verticalScrollBar()
    frames: list[float] = []
    for step in range(SCROLL_STEPS):
        # a page at a time first, as a held key does, then far jumps, as a dragged handle does
        to = bar.value() - bar.pageStep() if step < SCROLL_STEPS // 2 else bar.value() - bar.maximum() // 200
        started = time.perf_counter()
        bar.setValue(to)
        frame = started
        while time.perf_counter() - started < 0.05:
            app.processEvents()
            now = time.perf_counter()
            frames.append((now - frame) * 1000)
            frame = now
    return {
        "open": statistics.median(opened),
        "append": statistics.median(appended),
        "append_worst": max(appended),
        "frame": max(frames),
    }


def table(app: QApplication) -> dict[str, float]:
    objects = [
        {
            "sku": f"P-{n:06d}",
            "name": f"Product {n * 7919 % ROWS}",
            "description": f"Number {n} keeps the rain out, and the wind as well.",
            "price": (n * 7919 % 50_000) / 100,
            "rating": None if n % 17 == 0 else 1 + n % 5,
            "stock": n * 31 % 60,
            "weight": n * 13 % 4_000,
            "released": f"20{n % 25:02d}-03-{1 + n % 28:02d}T09:00:00Z",
            "waterproof": n % 2 == 0,
            "tags": ["rain", "wind"] if n % 3 else [],
            "brand": f"Brand {n % 40}",
            "category": f"Category {n % 12}",
        }
        for n in range(ROWS)
    ]
    view = ObjectTable()
    view.resize(1200, 700)
    view.show()
    view.set_objects(objects[:10])
    settled(app)
    viewport = view.viewport()
    show: list[float] = []
    for _ in range(ROUNDS):
        view.set_objects(objects[:10])
        settled(app, 0.1)
        show.append(shown(app, viewport, lambda: view.set_objects(objects)))
        settled(app, 0.1)
    told = {"show": statistics.median(show)}
    columns = [column.name for column in view.object_model().columns]
    for name in ("name", "price", "released"):
        taken: list[float] = []
        for _ in range(ROUNDS):
            view.set_objects(objects)  # which forgets the keys of earlier sorting
            settled(app, 0.1)
            section = columns.index(name)
            taken.append(
                shown(app, viewport, lambda to=section: view.sortByColumn(to, Qt.SortOrder.AscendingOrder))
            )
        told[f"sort_{name}"] = statistics.median(taken)
    return told


def main() -> None:
    app = QApplication(sys.argv[:1])
    theme.apply(app, "light")
    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow(QSettings(str(Path(folder) / "layout.ini"), QSettings.Format.IniFormat))
        window.show()
        settled(app)
        told = {"conversation": conversation(app, window)}
        window.close()
        told["table"] = table(app)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
