"""What functions keep with a conversation: a dict of JSON values, read when first used."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from copy import deepcopy
from threading import Lock
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.jsonable import jsonable

if TYPE_CHECKING:
    from elysia_desktop.state.bridge import Bridge
    from elysia_desktop.state.home import Home

_PLACE = "storage"


class StorageManager(MutableMapping[str, Any]):
    """A dict per conversation, saved with it. What has no JSON form raises `TypeError` with its path.

    A value is kept as JSON has it, as a copy: a tuple is a list already before it is saved. Using it waits for the
    store; on the event loop `await load()` first.
    """

    def __init__(self, home: Home, bridge: Bridge) -> None:
        self._home = home
        self._bridge = bridge
        self._values: dict[str, Any] | None = None
        self._saved: dict[str, Any] = {}
        self._lock = Lock()

    def __getitem__(self, name: str) -> Any:
        return self._read()[name]

    def __setitem__(self, name: str, value: Any) -> None:
        if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers are untyped
            raise TypeError(f"{_PLACE} is kept by names, which are texts, not by a {type(name).__name__}.")
        self._read()[name] = jsonable(value, path=f"{_PLACE}.{name}")

    def __delitem__(self, name: str) -> None:
        del self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._read()))

    def __len__(self) -> int:
        return len(self._read())

    def __repr__(self) -> str:
        names = "not read yet" if self._values is None else ", ".join(self._values)
        return f"StorageManager({names})"

    def setdefault(self, name: str, default: Any = None) -> Any:
        """The value of this name, first set where there is none; changing what is returned changes what is kept."""
        if name not in self:
            self[name] = default
        return self[name]

    async def load(self) -> None:
        """Read the values, unless that was done before."""
        if self._values is None:
            values = dict(await self._home.storage())
            with self._lock:
                if self._values is None:
                    self._values, self._saved = deepcopy(values), deepcopy(values)

    def reset(self) -> None:
        """Forget what was not saved."""
        with self._lock:
            self._values, self._saved = None, {}

    async def asave(self) -> None:
        """Keep the values if any has changed."""
        if self._values is None:
            return
        values = jsonable(self._values, path=_PLACE)
        if values != self._saved:
            await self._home.save_storage(values)
            self._saved = values

    def save(self) -> None:
        """Keep the values if any has changed."""
        self._bridge.run(self.asave())

    def _read(self) -> dict[str, Any]:
        if self._values is None:
            self._bridge.run(self.load())
        if self._values is None:  # another thread has just reset it
            self._values = {}
        return self._values
