"""One turn: what comes before it, the module itself, and what comes after it in any case."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from elysia_desktop.state.base import BaseStateManager

logger = logging.getLogger(__name__)

State = TypeVar("State", bound=BaseStateManager)
T = TypeVar("T")


def run_turn(state: State, module: Callable[[State], T]) -> T:
    """What a module returns, run between the hooks of its state manager; the conversation is kept also when it fails."""
    state.pre_module_hook()
    try:
        result = module(state)
    except BaseException:
        try:
            state.post_module_hook()
        except Exception:
            logger.exception("After a turn that failed, the conversation could not be kept")
        raise
    state.post_module_hook()
    return result
