"""Opens a window, tells when it was painted, ends: the application's, or an empty one to compare with."""

from __future__ import annotations

import os
import sys
import time


def tell() -> None:
    os.write(1, f"{time.time()}\n".encode())
    os._exit(0)


def empty() -> None:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication, QWidget

    class Empty(QWidget):
        def paintEvent(self, event):
            QTimer.singleShot(0, tell)

    app = QApplication(sys.argv[:1])
    window = Empty()
    window.resize(1440, 900)
    window.show()
    app.exec()


def application(profile: str) -> None:
    from PySide6.QtCore import QTimer

    import elysia_desktop.app as module

    class Told(module.MainWindow):
        def paintEvent(self, event):
            super().paintEvent(event)
            QTimer.singleShot(0, tell)

    module.MainWindow = Told
    from pathlib import Path

    module.run(Path(profile))


if __name__ == "__main__":
    if sys.argv[1] == "empty":
        empty()
    else:
        application(sys.argv[2])
