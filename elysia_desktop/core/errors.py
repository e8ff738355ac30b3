"""Everything the application can fail at.

* ElysiaError
  + ConfigurationError     the person must change a setting
    - MissingKey
    - MissingExtra         an optional part is not installed
  + StoreError             the data store did not answer as asked
    - StoreUnreachable
    - QueryRejected        the request is wrong; says what exists and how to mend it
    - NotSupported         the store cannot do this (yet)
  + ModelError             the language model did not answer as asked
    - ModelUnreachable
    - ModelRefused         the server said no: key, quota, model name
    - InvalidAnswer        the reply did not fit what was asked for
  + ToolError              a tool gave up; the tree may choose another path
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ElysiaError(Exception):
    """A failure that is told to the person: `str(error)` says what happened, `hint` what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        # Names come from outside, and half a surrogate pair can be neither logged nor shown.
        super().__init__(message.encode(errors="replace").decode())
        self.hint = hint.encode(errors="replace").decode()

    @property
    def sentence(self) -> str:
        """What happened and what to do, as one text."""
        return f"{self} {self.hint}".strip()


class ConfigurationError(ElysiaError):
    """The person must change a setting."""


class MissingKey(ConfigurationError):
    """A provider needs a key and none is known."""


class MissingExtra(ConfigurationError):
    """An optional part of the application is not installed."""


class StoreError(ElysiaError):
    """The data store did not answer as asked."""


class StoreUnreachable(StoreError):
    """Nothing answers at the store's address."""


class QueryRejected(StoreError):
    """A request that cannot be carried out as written."""

    @classmethod
    def unknown(cls, kind: str, name: str, existing: Iterable[str], where: str = "") -> QueryRejected:
        """Say that `name` does not exist and what does, nearest names first."""
        names = list(existing)
        by_folded = {other.casefold(): other for other in reversed(names)}
        near = [by_folded[n] for n in get_close_matches(name.casefold(), by_folded, n=3, cutoff=0.5)]
        ordered = near + [other for other in names if other not in near]
        listed = ", ".join(ordered[:12]) + (", …" if len(ordered) > 12 else "")
        inside = f" in {where}" if where else ""
        return cls(
            f"There is no {kind} “{name}”{inside}.",
            f"Use one of: {listed}." if names else f"There are none{inside} yet.",
        )


class NotSupported(StoreError):
    """The store cannot do this."""


class ModelError(ElysiaError):
    """The language model did not answer as asked."""


class ModelUnreachable(ModelError):
    """Nothing answers at the model's address."""


class ModelRefused(ModelError):
    """The model's server said no: wrong key, no quota, unknown model."""


class InvalidAnswer(ModelError):
    """The reply did not fit what was asked for, after every retry."""


class ToolError(ElysiaError):
    """A tool gave up; the tree may choose another path."""
