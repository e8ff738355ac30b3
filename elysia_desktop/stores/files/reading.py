"""Files and pasted texts, read as text with their pages and headings."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from elysia_desktop.core.errors import ElysiaError
from elysia_desktop.stores.files.archives import damaged
from elysia_desktop.stores.files.base import FileRefused, ReadFile
from elysia_desktop.stores.files.draft import Draft, ReadingStopped
from elysia_desktop.stores.files.kinds import kind_of
from elysia_desktop.stores.files.limits import Limits
from elysia_desktop.stores.files.readers import READERS
from elysia_desktop.stores.files.source import Source

logger = logging.getLogger(__name__)


def read_file(path: Path, limits: Limits | None = None) -> ReadFile:
    """The text of a file, with where its pages and headings stand; blocks, at worst for `limits.seconds`.

    `FileRefused` for what cannot be read at all: damaged, encrypted, too large, of another kind.
    `MissingExtra` where the part that reads such files is not installed.
    """
    limits = limits or Limits()
    try:
        if not path.is_file():
            raise FileRefused(
                f"“{path.name}” is not a file." if path.exists() else f"“{path.name}” is not there any more.",
                "Add the files in it." if path.is_dir() else "",
            )
        size = path.stat().st_size
        if size > limits.size:
            raise FileRefused(
                f"“{path.name}” has {_mb(size)}; no more than {_mb(limits.size)} are read.",
                "Split it, or save its text alone.",
            )
        return _read(Source(path.name, path), limits)
    except OSError as error:
        raise FileRefused(
            f"“{path.name}” cannot be opened: {error.strerror or error}.", "See whether you may read it."
        ) from error


def read_text(name: str, text: str, limits: Limits | None = None) -> ReadFile:
    """A text that was pasted; the end of its name, such as `.md`, says how it is read."""
    return _read(Source(name, text=text), limits or Limits())


def _mb(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"


def _read(source: Source, limits: Limits) -> ReadFile:
    kind = kind_of(source, limits)
    draft = Draft(limits)
    try:
        kind = READERS[kind](source, draft) or kind
        if source.is_cut:
            draft.stopped(f"The first {limits.characters:,} characters were read")
    except ReadingStopped as reason:
        logger.info("A %s file is read in part: %s", kind, reason)
    except (ElysiaError, OSError):
        raise
    except Exception as error:
        # a library that meets what its authors did not foresee
        logger.info("A %s file cannot be read", kind, exc_info=True)
        if draft.is_empty:
            raise damaged(source.name) from error
        draft.note("The file is damaged; what follows could not be read.")
    read = draft.finished(kind)
    if source.note:
        read = replace(read, note=f"{source.note} {read.note}".strip())
    if not read.text:
        raise FileRefused(f"“{source.name}” has no text.", read.note or "Add a file that has text.")
    return read
