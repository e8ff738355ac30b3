"""Which of the files that were given can be read at all, and what is said of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale, QObject

if TYPE_CHECKING:
    from elysia_desktop.core.files import SourceFile

MOST_AT_ONCE = 50
_MOST_TOLD = 6

Refusal = tuple[str, str, str]
"""A file's name, why it was not taken, and what to do."""

translate = QCoreApplication.translate


@dataclass(frozen=True)
class Given:
    """The files to read, and what is refused without reading it."""

    files: list[Path] = field(default_factory=list[Path])
    refusals: list[Refusal] = field(default_factory=list[Refusal])


def sorted_out(paths: Sequence[Path]) -> Given:
    """Part files from folders and from what is not there; blocking, since disks may be slow."""
    given = Given()
    for path in dict.fromkeys(paths):
        if path.is_dir():
            reason = translate("Adding", "Folders cannot be attached.")
            given.refusals.append((path.name, reason, translate("Adding", "Attach the files in it.")))
        elif not path.is_file():
            given.refusals.append((path.name, translate("Adding", "There is no such file."), ""))
        else:
            given.files.append(path)
    if len(given.files) > MOST_AT_ONCE:
        say = QLocale().toString
        words = translate("Adding", "These are {count} files; at most {most} can be attached at once.")
        reason = words.format(count=say(len(given.files)), most=say(MOST_AT_ONCE))
        return Given(refusals=[*given.refusals, ("", reason, "")])
    return given


class Words(QObject):
    """What is said about files that are added."""

    def __init__(self) -> None:
        super().__init__()
        self.pasted = self.tr("Pasted text")
        self.attach = self.tr("Attach as a file")
        self.paste = self.tr("Paste as text")

    def long_text(self, characters: int) -> tuple[str, str]:
        """What is said of a long pasted text, and why it may rather be a file."""
        words = self.tr("The pasted text is long: {0} characters.").format(QLocale().toString(characters))
        return words, self.tr("As a file it can be searched and cited, and stands in nobody's way.")

    def added(self, names: Sequence[str]) -> str:
        """What is read aloud when files were added."""
        return self.tr("Attached: {0}").format(", ".join(names))

    def refused(self, refusals: Sequence[Refusal], added: Sequence[SourceFile]) -> tuple[str, str]:
        """What was refused or read in part only: in a sentence, and each with its reason."""
        lines = [
            " ".join(part for part in (f"{name}:" * bool(name and f"“{name}”" not in why), why, do) if part)
            for name, why, do in refusals
        ]
        lines += [f"{file.name}: {file.note}" for file in added if file.note]
        if not refusals:
            said = self.tr("Not all of it could be read.")
        elif not all(name for name, _, _ in refusals):  # too many of them
            said = self.tr("Nothing was attached.")
        elif len(refusals) == 1:
            said = self.tr("1 file was not attached.")
        else:
            said = self.tr("{0} files were not attached.").format(QLocale().toString(len(refusals)))
        if len(lines) > _MOST_TOLD:
            more = self.tr("… and {0} more.").format(QLocale().toString(len(lines) - _MOST_TOLD))
            lines = [*lines[:_MOST_TOLD], more]
        return said, "\n".join(lines)
