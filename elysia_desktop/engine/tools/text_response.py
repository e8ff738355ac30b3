"""The tool that answers with what the decision wrote."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.objects import Response
from elysia_desktop.engine.tool import Tool, ToolInput

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model


class TextResponse(Tool):
    """Answer in plain words, without another model call."""

    name = "text_response"
    description = (
        "Only for greetings, thanks, questions about yourself or this conversation, asking back, "
        "or saying that a search found nothing."
    )
    status = "Answering…"
    end = True
    always_ends = True
    inputs = {  # noqa: RUF012 - never written to, copied per instance
        "text": ToolInput(description="the whole answer to the person", type=str, default="", required=True)
    }

    async def __call__(
        self,
        tree_data: TreeData,
        inputs: dict[str, Any],
        base_lm: Model,
        complex_lm: Model,
        client_manager: ClientManager,
        **kwargs: Any,
    ) -> AsyncGenerator[Response, None]:
        """Yield the decision's text."""
        text = str(inputs.get("text") or "").strip()
        if text:
            yield Response(text)
