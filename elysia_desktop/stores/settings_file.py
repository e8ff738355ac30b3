"""The settings as a file: read with forgiveness, written whole, never holding a secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from elysia_desktop.core.errors import ConfigurationError, StoreError
from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.atomic import move_aside, write_text_atomically


class SettingsFile:
    """`settings.json`. What does not fit is moved aside, what fits is kept, and `notice` tells of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notice = ""
        """What the person should know about the last `load`; empty when all was well."""

    def load(self) -> Settings:
        """The settings, or the defaults where there are none; `StoreError` when the file cannot be read."""
        self.notice = ""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return Settings()
        except OSError as error:
            raise StoreError(
                f"The settings in “{self.path}” cannot be read: {error.strerror or type(error).__name__}.",
                "Check the permissions of the file and its folder.",
            ) from error
        try:
            written = json.loads(content.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            written = None
        if not isinstance(written, dict):
            self._set_aside("The settings file was damaged, so all settings are at their defaults.")
            return Settings()
        return self._fitting(written)  # pyright: ignore[reportUnknownArgumentType] - JSON of any shape

    def save(self, settings: Settings) -> None:
        """Replace the file in one step; on a `StoreError` the old one is intact."""
        text = json.dumps(settings.to_json(), indent=2, ensure_ascii=True)
        write_text_atomically(self.path, text + "\n")

    def _fitting(self, written: dict[str, Any]) -> Settings:
        known = Settings().to_json().keys()
        secrets = [name for name in written if name in Settings.model_fields and name not in known]
        values = {name: value for name, value in written.items() if name in known}
        if secrets:
            self.notice = (
                f"The settings file holds keys ({', '.join(secrets)}), which are not read from there: "
                "enter them in Settings, where the system's keyring keeps them."
            )
        try:
            return Settings.from_json(values)
        except ConfigurationError:
            return self._salvaged(values)

    def _salvaged(self, values: dict[str, Any]) -> Settings:
        """Each value that fits by itself; kept in a new file at once, lest the next start forget them."""
        settings, fitting, wrong = Settings(), dict[str, Any](), list[str]()
        for name, value in values.items():
            try:
                settings = Settings.from_json({**fitting, name: value})
            except ConfigurationError:
                wrong.append(name)
            else:
                fitting[name] = value
        names = ", ".join(str(Settings.model_fields[name].title or name) for name in wrong)
        if self._set_aside(f"Settings that did not fit are at their defaults: {names}."):
            self.save(settings)
        return settings

    def _set_aside(self, notice: str) -> bool:
        try:
            aside = move_aside(self.path)
        except OSError:
            where = "The damaged file could not be moved aside; saving settings replaces it."
            moved = False
        else:
            where, moved = f"The old file is kept as “{aside.name}”.", True
        self.notice = " ".join(part for part in (self.notice, notice, where) if part)
        return moved
