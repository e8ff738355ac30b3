"""How long something may be left alone, and since when it is."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Generic, Literal, TypeVar

from elysia_desktop.core.defaults import default_settings
from elysia_desktop.core.settings import Settings

Clock = Callable[[], float]
"""Seconds that never go back, such as `time.monotonic`."""

T = TypeVar("T")


def timeout_of(
    name: Literal["tree_timeout", "user_timeout", "client_timeout"],
    given: timedelta | float | None,
    settings: Settings | None = None,
) -> timedelta:
    """A time-out, given as such or in minutes, else that of the settings, else of the environment; 0 means never.

    Raises `ValueError` for what is negative or no finite number, `TypeError` for what is no time at all.
    """
    if given is None:
        usual = Settings.model_fields[name].default
        named = getattr(default_settings() if settings is None else settings, name)
        given = getattr(Settings.from_env_vars(), name) if named == usual else named
    match given:
        case timedelta():
            limit = given
        case bool():
            raise TypeError(_wanted(name, given))
        case int() | float():
            if not math.isfinite(given):
                raise ValueError(_wanted(name, given))
            try:
                limit = timedelta(minutes=given)
            except OverflowError:
                raise ValueError(_wanted(name, given)) from None
        case _:
            raise TypeError(_wanted(name, given))
    if limit < timedelta():
        raise ValueError(_wanted(name, given))
    return limit


def _wanted(name: str, given: object) -> str:
    return f"{name} is a timedelta or a number of minutes, and 0 for never; it cannot be {given!r}."


class Idle:
    """Since when something was last asked for; while it is in use it is not idle at all."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counting = threading.Lock()
        self._uses = 0
        self.last_request = clock()

    @property
    def in_use(self) -> bool:
        """Whether it is being used, or somebody waits to use it."""
        return self._uses > 0

    def touch(self) -> None:
        """Begin to be idle now."""
        self.last_request = self._clock()

    @contextmanager
    def use(self) -> Generator[None]:
        """Not idle inside; idle from the end on."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def is_over(self, limit: timedelta, last_request: float | None = None) -> bool:
        """Whether nobody has asked for longer than this, counted from `last_request` where that is later."""
        if self.in_use or not limit:
            return False
        since = max(self.last_request, self.last_request if last_request is None else last_request)
        return self._clock() - since > limit.total_seconds()

    def _count(self, more: int) -> None:
        with self._counting:
            self._uses += more
            self.touch()


class TimedOut(Generic[T]):
    """The last few thousand that were put away, with what is to be remembered of each."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._remembered: OrderedDict[str, T] = OrderedDict()

    def __contains__(self, identifier: str) -> bool:
        return identifier in self._remembered

    def __iter__(self) -> Iterator[str]:
        """Their ids, the oldest first."""
        return iter(list(self._remembered))

    def get(self, identifier: str) -> T | None:
        """What is remembered of it."""
        return self._remembered.get(identifier)

    def add(self, identifier: str, remembered: T) -> None:
        """Remember one more, and forget the oldest where they are too many."""
        self._remembered[identifier] = remembered
        self._remembered.move_to_end(identifier)
        if len(self._remembered) > self._most:
            self._remembered.popitem(last=False)

    def forget(self, identifier: str) -> bool:
        """It is back, or gone for good; whether it was remembered."""
        known = identifier in self
        self._remembered.pop(identifier, None)
        return known
