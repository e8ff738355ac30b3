"""The settings that a `Tree` or `ClientManager` begins with when it is given none.

They are one for the process, which is why they live alone here: they are replaced whole, never changed in place,
and everyone who asks gets a copy.
"""

from __future__ import annotations

from typing import Any

from elysia_desktop.core.settings import Settings


class _Held:
    """The one holder; None until somebody asks."""

    settings: Settings | None = None


def default_settings() -> Settings:
    """A copy of the defaults; at first use they are read from the environment, as `smart_setup` does.

    Raises `ConfigurationError` naming a variable that does not fit.
    """
    if _Held.settings is None:
        _Held.settings = Settings.from_smart_setup()
    return _Held.settings.model_copy(deep=True)


def configure(replace: bool = False, **settings: Any) -> None:
    """Change the defaults by lower-case names, all or none; what exists already keeps its own settings.

    With `replace` everything else goes back to how it is without an environment.
    """
    changed = default_settings()
    changed.configure(replace=replace, **settings)
    _Held.settings = changed


def smart_setup() -> None:
    """Read the environment into the defaults; where it names no model, the keys in it choose."""
    changed = default_settings()
    changed.smart_setup()
    _Held.settings = changed


def reset_settings() -> None:
    """Forget what was configured; the environment is read anew at the next use."""
    _Held.settings = None
