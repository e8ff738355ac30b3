"""Files that are replaced whole or not at all, and folders that only their owner reads."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from elysia_desktop.core.errors import StoreError

_NOT_ALLOWED = "You may not write there: change the folder's permissions or choose another profile folder."
_HINTS = {
    errno.ENOSPC: "The disk is full: make room and try again.",
    errno.EDQUOT: "Your share of the disk is used up: make room and try again.",
    errno.EROFS: "The disk is read-only: choose another folder for the profile.",
    errno.EACCES: _NOT_ALLOWED,
    errno.EPERM: _NOT_ALLOWED,
    errno.ENOTDIR: "A file stands where a folder should be: move it away or choose another profile folder.",
    errno.EEXIST: "A file stands where a folder should be: move it away or choose another profile folder.",
    errno.EISDIR: "A folder stands where the file should be: move it away.",
}


def write_text_atomically(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a file's text (UTF-8) in one step that survives a power cut; `StoreError` leaves the old file.

    A link is followed, so that a file kept elsewhere stays there.
    """
    content = text.encode("utf-8")
    target = path.resolve()
    try:
        make_private_folder(target.parent)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-", suffix=".new")
    except OSError as error:
        raise cannot_write(path, error) from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(target)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise cannot_write(path, error) from error
        raise
    keep_entry(target.parent)


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner can enter; one that is there already stays as it is."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def move_aside(path: Path) -> Path:
    """Rename a damaged file to `<name>.damaged-<timestamp>`, a name not taken yet; returns the new path."""
    stamp = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.damaged-{stamp}-{number}")
    return path.rename(aside)


def cannot_write(path: Path, error: OSError) -> StoreError:
    """A failed write in words."""
    reason = error.strerror or type(error).__name__
    hint = _HINTS.get(error.errno or 0, "Check the disk and the folder's permissions, then try again.")
    return StoreError(f"“{path}” could not be written: {reason}.", hint)


def keep_entry(folder: Path) -> None:
    """Have the folder's new entry survive a power cut, where the system can: Windows opens no folders."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):  # some network file systems refuse; the file itself is safe by now
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
