"""Which keys are known, and which were entered but not saved. Their values are shown nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from PySide6.QtCore import QT_TRANSLATE_NOOP

from elysia_desktop.ui.settings.words import translated


@dataclass
class Keys:
    """What the form knows about API keys, by their names."""

    places: Mapping[str, str] = field(default_factory=dict[str, str])
    note: str = ""
    pending: dict[str, str] = field(default_factory=dict[str, str], repr=False)

    @classmethod
    def kept(
        cls, saved: Mapping[str, str] | AbstractSet[str], note: str, from_environment: AbstractSet[str]
    ) -> Keys:
        """Keys by their places (`environment`, `keyring`, `session`); without a place it is the keyring."""
        places = dict(saved) if isinstance(saved, Mapping) else dict.fromkeys(saved, "keyring")
        return cls(places | dict.fromkeys(from_environment, "environment"), note)

    def known(self, name: str) -> str:
        """Where the key called `name` is kept, in words, or an empty text when it is not known."""
        match self.places.get(name):
            case None:
                return ""
            case "environment":
                return translated(QT_TRANSLATE_NOOP("Settings", "from the environment"))
            case "session":
                return translated(QT_TRANSLATE_NOOP("Settings", "kept until the application ends"))
            case _:
                return translated(QT_TRANSLATE_NOOP("Settings", "saved in the system keyring"))

    def is_fixed(self, name: str) -> bool:
        """Whether the key comes from outside, so that another one would not be used."""
        return self.places.get(name) == "environment"

    def enter(self, name: str, value: str | None) -> None:
        """Note a key to be saved; an empty one is to be forgotten, None leaves it as it is."""
        if value is None:
            self.pending.pop(name, None)
        else:
            self.pending[name] = value

    def at_hand(self, name: str) -> bool:
        """Whether a request can be made with this key."""
        return bool(self.pending.get(name, self.known(name)))
