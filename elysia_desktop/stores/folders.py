"""Where things are kept on this computer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from elysia_desktop.stores.atomic import cannot_write, make_private_folder

APP = "elysia-desktop"


@dataclass(frozen=True)
class Folders:
    """The places of one profile. Naming them touches nothing; `make` creates them, for this user alone."""

    data: Path
    logs: Path

    @classmethod
    def of_platform(cls) -> Folders:
        """The folders the operating system has for this application."""
        from platformdirs import user_data_path, user_log_path

        return cls(data=user_data_path(APP, appauthor=False), logs=user_log_path(APP, appauthor=False))

    @classmethod
    def of_profile(cls, folder: Path | None) -> Folders:
        """Everything under one folder, or the platform's where none is named."""
        if folder is None:
            return cls.of_platform()
        root = folder.expanduser().absolute()
        return cls(data=root, logs=root / "logs")

    @property
    def library(self) -> Path:
        """The embedded library's folder."""
        return self.data / "library"

    @property
    def conversations(self) -> Path:
        """The database of conversations."""
        return self.data / "conversations.db"

    @property
    def files(self) -> Path:
        """The files of conversations, as they were added."""
        return self.data / "files"

    @property
    def feedback(self) -> Path:
        """The database of rated runs."""
        return self.data / "feedback.db"

    @property
    def cases(self) -> Path:
        """The regression cases, a JSON file each."""
        return self.data / "cases"

    @property
    def settings(self) -> Path:
        """The settings, without secrets."""
        return self.data / "settings.json"

    @property
    def layout(self) -> Path:
        """Size and arrangement of the window."""
        return self.data / "layout.ini"

    def make(self) -> None:
        """Create the folders, readable by this user alone; `StoreError` when that cannot be.

        The profile's own folder may be there before, open to others: what holds data below it is not.
        """
        for folder in (self.data, self.library, self.logs):
            try:
                make_private_folder(folder)
            except OSError as error:
                raise cannot_write(folder, error) from error
