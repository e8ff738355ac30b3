"""Shows the window first, then brings it to life."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QDeadlineTimer, QEventLoop, QSettings
from PySide6.QtWidgets import QApplication

from elysia_desktop.stores.folders import Folders
from elysia_desktop.ui import theme
from elysia_desktop.ui.main_window import MainWindow

_UNPAINTED_MS = 1000


def run(
    profile: Path | None = None,
    question: str | None = None,
    collections: Sequence[str] = (),
    log_level: str | None = None,
) -> int:
    """Open the window and stay until it is closed; returns the exit code."""
    os.umask(0o077)  # whatever is written from here on is this user's alone
    app = QApplication(sys.argv[:1])
    app.setApplicationName("elysia-desktop")
    app.setApplicationDisplayName("Elysia Desktop")
    app.setQuitOnLastWindowClosed(False)  # closing takes awaiting, which the loop must live for
    layout = QSettings(str(Folders.of_profile(profile).layout), QSettings.Format.IniFormat)
    theme.apply(app, str(layout.value("appearance", "system")))
    window = MainWindow(layout)
    window.restore_layout()
    window.show()
    _wait_for_painting(app, window)
    # Only now: an event loop for coroutines alone takes longer to import than the window to show.
    from elysia_desktop.desktop import live

    return live(app, window, layout, profile, question, collections, log_level)


def _wait_for_painting(app: QApplication, window: MainWindow) -> None:
    """Let the window be drawn; where nothing is ever drawn, go on after a second."""
    deadline = QDeadlineTimer(_UNPAINTED_MS)
    while not window.is_painted and not deadline.hasExpired():
        app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
