"""Zip archives, looked at before anything in them is unpacked."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO
from zipfile import BadZipFile

from elysia_desktop.stores.files.base import FileRefused

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

    from elysia_desktop.stores.files.limits import Limits

BEGINNING = b"PK\x03\x04"
_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\x05\x06"
_LONGEST_ENTRY = 400
"""Bytes that the table of contents may take for each part."""
_HARMLESS = 20_000_000
"""Bytes; repeated text of that size may be packed as tightly as it likes."""
_OTHERS = (
    ("xl/", "a spreadsheet", "Save it as CSV and add that."),
    ("ppt/", "a presentation", "Save it as PDF and add that."),
    ("META-INF/manifest.xml", "an OpenDocument file", "Save it as DOCX or PDF and add that."),
    ("META-INF/container.xml", "an e-book", "Save it as HTML or PDF and add that."),
)


def opened(file: BinaryIO, name: str, limits: Limits) -> ZipFile:
    """The archive, to be closed by the caller; `FileRefused` for one that is damaged or unpacks to too much.

    No part unpacks to more than its entry says: what is packed beyond that is an error when it is read.
    """
    from zipfile import ZipFile

    if _length_of_contents(file) > limits.parts * _LONGEST_ENTRY:
        raise _bomb(name, f"holds more than {limits.parts:,} files")
    try:
        archive = ZipFile(file)
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise damaged(name) from error
    try:
        _check(archive.infolist(), name, limits)
    except FileRefused:
        archive.close()
        raise
    return archive


def damaged(name: str) -> FileRefused:
    """The error for a file whose parts do not fit together."""
    return FileRefused(f"“{name}” is damaged and cannot be opened.", "Get it again from where it came from.")


def other_kind(names: list[str]) -> tuple[str, str]:
    """What an archive that is no Word document is, and what to do."""
    for part, told, hint in _OTHERS:
        if any(name.startswith(part) for name in names):
            return told, hint
    return "an archive", "Unpack it and add the files in it."


def _check(entries: list[ZipInfo], name: str, limits: Limits) -> None:
    if len(entries) > limits.parts:
        raise _bomb(name, f"holds more than {limits.parts:,} files")
    if any(entry.flag_bits & 1 for entry in entries):
        raise FileRefused(
            f"“{name}” is protected by a password.", "Save a copy without a password and add that."
        )
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > limits.expanded or (unpacked > _HARMLESS and unpacked > limits.ratio * packed):
        raise _bomb(name, f"would unpack to {unpacked / 1_000_000:,.0f} MB")


def _bomb(name: str, reason: str) -> FileRefused:
    return FileRefused(f"“{name}” {reason}, which is more than is read.", "Save its text alone and add that.")


def _length_of_contents(file: BinaryIO) -> int:
    """Bytes of the table of contents as the end of the archive tells, 0 where it does not."""
    size = file.seek(0, 2)
    file.seek(max(size - 66_000, 0))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(_END_MARK)
    if at < 0 or at + _END.size > len(tail):
        return 0
    return _END.unpack_from(tail, at)[5]
