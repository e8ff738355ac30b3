"""What a caller says about the connection, above the settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

from elysia_desktop.core.errors import ConfigurationError
from elysia_desktop.core.setting_names import without_plain_keys
from elysia_desktop.core.settings import Settings


def overridden(settings: Settings, given: Mapping[str, Any]) -> Settings:
    """A copy with what is given by name; the settings themselves when nothing is, to be followed as they change."""
    changes = without_plain_keys({name: value for name, value in given.items() if value is not None})
    del given  # a traceback with local variables would show its keys
    if not changes:
        return settings
    if changes.get("wcd_url"):
        flags = changes.get("weaviate_is_local", False), changes.get("weaviate_is_custom", False)
        changes.setdefault("data_source", source_of(*flags, changes["wcd_url"]))
    copy = settings.model_copy(deep=True)
    copy.configure(**changes)
    return copy


def source_of(
    is_local: bool, is_custom: bool, wcd_url: str | None
) -> Literal["local", "custom", "cloud", "library"]:
    """The data source that Elysia's two flags and a cluster's address choose."""
    if is_local:
        return "local"
    if is_custom:
        return "custom"
    return "cloud" if wcd_url else "library"


def duration(time: timedelta | float) -> timedelta:
    """A time-out, given as such or in minutes; raises `ConfigurationError` for what cannot be one."""
    try:
        length = time if isinstance(time, timedelta) else timedelta(minutes=time)
    except (OverflowError, TypeError, ValueError):
        raise ConfigurationError(
            f"A time-out is a timedelta or a number of minutes; it cannot be {time!r}.", "Use 0 for never."
        ) from None
    if length < timedelta():
        raise ConfigurationError("A time-out cannot be negative.", "Use 0 for never.")
    return length
