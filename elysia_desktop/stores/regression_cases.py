"""Regression cases as JSON files of a folder; reading and writing block."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from pydantic import ValidationError

from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.regression_case import RegressionCase
from elysia_desktop.stores.atomic import cannot_write, write_text_atomically

_MOST_BYTES = 4_000_000
_NAME_LENGTH = 40


class RegressionCases:
    """The cases of one profile, a file for each question that was kept. Errors are `StoreError`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, case: RegressionCase) -> Path:
        """Write a case, in place of what was kept of the same run; returns its file."""
        path = self.find(case.run.query_id) or self.folder / _file_name(case)
        write_text_atomically(path, f"{case.model_dump_json(indent=2)}\n")
        return path

    def find(self, query_id: str) -> Path | None:
        """The file of a run's case; None where it is not kept."""
        return next(iter(self.folder.glob(f"*-{_mark(query_id)}.json")), None)

    def remove(self, query_id: str) -> bool:
        """Delete a run's case; whether there was one."""
        path = self.find(query_id)
        if path is None:
            return False
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise cannot_write(path, error) from error
        return True

    def files(self) -> list[Path]:
        """The files of all cases, by name."""
        return sorted(self.folder.glob("*.json"))

    def kept(self) -> frozenset[str]:
        """The marks of all kept runs, to be asked with `is_among`: one look at the folder for many runs."""
        return frozenset(path.stem.rpartition("-")[2] for path in self.files())


def is_among(query_id: str, kept: frozenset[str]) -> bool:
    """Whether a run is one of those kept."""
    return _mark(query_id) in kept


def read_case(path: Path) -> RegressionCase:
    """The case that a file holds; raises `StoreError` saying why it cannot be read."""
    hint = "Keep the answer as a regression case again, or choose another file."
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise StoreError(f"“{path}” cannot be read: {error.strerror or error}.", "Check the name.") from error
    if len(content) > _MOST_BYTES:
        raise StoreError(f"“{path}” is too large for a regression case.", hint)
    try:
        return RegressionCase.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        where = f" at {place}" if place else ""
        raise StoreError(f"“{path}” is no regression case: {first['msg']}{where}.", hint) from error


def _file_name(case: RegressionCase) -> str:
    words = "-".join(re.findall(r"[a-z0-9]+", case.question.casefold()))[:_NAME_LENGTH].strip("-")
    return f"{words or 'case'}-{_mark(case.run.query_id)}.json"


def _mark(query_id: str) -> str:
    return hashlib.sha256(query_id.encode("utf-8", "replace")).hexdigest()[:12]
