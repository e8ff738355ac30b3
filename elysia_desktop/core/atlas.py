"""Who the agent is, and what time it is for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field, PrivateAttr


def datetime_reference() -> dict[str, str]:
    """The present moment, for questions such as “last week”."""
    now = datetime.now().astimezone()
    return {
        "current_datetime": now.isoformat(timespec="seconds"),
        "current_day_of_week": now.strftime("%A"),
        "current_time_of_day": now.strftime("%H:%M"),
    }


class Atlas(BaseModel):
    """Who the agent is: how it writes, what it is for, when it is done."""

    style: str = Field(default="No style provided.", description="How the agent writes.")
    agent_description: str = Field(default="No description provided.", description="What the agent is.")
    end_goal: str = Field(default="No end goal provided.", description="When the agent is done.")
    _moment: dict[str, str] | None = PrivateAttr(default=None)

    def __init__(self, *, datetime_reference: Mapping[str, str] | None = None, **fields: Any) -> None:
        super().__init__(**fields)
        self._moment = dict(datetime_reference) if datetime_reference is not None else None

    @property
    def datetime_reference(self) -> dict[str, str]:
        """The moment that was given, else the present one, read when it is asked for; it is never saved."""
        return datetime_reference() if self._moment is None else dict(self._moment)
