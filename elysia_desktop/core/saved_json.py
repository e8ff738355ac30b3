"""Reading saved JSON, so that what is damaged is named by its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast


@dataclass(frozen=True)
class Saved:
    """A part of saved JSON and where it stands; what is missing or of another kind raises `ValueError`."""

    value: Any
    place: str

    def __getitem__(self, name: str) -> Saved:
        """What must stand under a name."""
        if name not in self.object():
            raise ValueError(f"{self._below(name)} is missing.")
        return Saved(self.object()[name], self._below(name))

    def get(self, name: str, default: Any) -> Saved:
        """What stands under a name, or `default` where it is absent or null."""
        value = self.object().get(name)
        return Saved(default if value is None else value, self._below(name))

    def object(self) -> dict[str, Any]:
        """It as names and values."""
        return cast("dict[str, Any]", self._as(dict, "an object"))

    def parts(self) -> dict[str, Saved]:
        """It as names and parts."""
        return {name: Saved(value, self._below(name)) for name, value in self.object().items()}

    def items(self) -> list[Saved]:
        """It as a list of parts."""
        values = cast("list[Any]", self._as(list, "a list"))
        return [Saved(value, f"{self.place}[{index}]") for index, value in enumerate(values)]

    def text(self) -> str:
        """It as a text."""
        return self._as(str, "a text")

    def texts(self) -> list[str]:
        """It as a list of texts."""
        return [item.text() for item in self.items()]

    def number(self) -> int:
        """It as a whole number."""
        return self._as(int, "a whole number", not isinstance(self.value, bool))

    def flag(self) -> bool:
        """It as true or false."""
        return self._as(bool, "true or false")

    def _as(self, kind: type[Any], words: str, fits: bool = True) -> Any:
        if not (isinstance(self.value, kind) and fits):
            raise ValueError(f"{self.place or 'What was saved'} is not {words}.")
        return self.value

    def _below(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name
