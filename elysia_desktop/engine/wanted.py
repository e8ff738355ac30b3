"""What a model wants of a store, and how it is told that the store did not carry it out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elysia_desktop.core.payloads import Error
from elysia_desktop.core.requests import AggregateRequest, QueryRequest, shown

if TYPE_CHECKING:
    from elysia_desktop.core.errors import StoreError


@dataclass(frozen=True)
class Wanted:
    """A request with how its objects are to be shown, "" for whatever fits, and whether each is to be summarised."""

    request: QueryRequest | AggregateRequest
    display: str = ""
    summarise: bool = False


def refused(error: StoreError, request: QueryRequest | AggregateRequest) -> Error:
    """What is told of a request that a store did not carry out."""
    return Error(error.sentence, json.dumps(shown(request), ensure_ascii=False))
