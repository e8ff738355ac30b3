"""What is pasted or dropped, as far as it is files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QMimeData

LONG_TEXT = 8_000
"""Characters from which a pasted text is rather a file."""


def files_in(content: QMimeData) -> list[Path]:
    """The files and folders of this computer that it names."""
    return (
        [Path(url.toLocalFile()) for url in content.urls() if url.isLocalFile()] if content.hasUrls() else []
    )


def refusal_of(content: QMimeData) -> str:
    """Why nothing can be made of it; empty when something can."""
    if content.hasImage() and not content.hasText() and not files_in(content):
        return QCoreApplication.translate(
            "Intake", "A picture cannot be attached: questions are answered from text."
        )
    return ""
