"""A model in this process that answers at once, for either side: an engine of the model library that both use."""

from __future__ import annotations

from dspy import lm15


class ScriptedEngine:
    """Gives the same answer to every request and keeps the last one."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.last: lm15.Request | None = None
        self.requests = 0

    async def complete(self, request):
        self.last = request
        self.requests += 1
        return lm15.Response(
            id=None,
            model="scripted",
            message=lm15.Message.assistant([lm15.TextPart(self.answer)]),
            finish_reason="stop",
            usage=lm15.Usage(input_tokens=1000, output_tokens=50, total_tokens=1050),
        )

    async def stream(self, request):
        for event in lm15.response_to_events(await self.complete(request)):
            yield event

    async def aclose(self):
        pass

    def prompt(self):
        """What was sent last: the messages as text, and the reply's JSON schema beside them, if any."""
        system = self.last.system
        parts = [system if isinstance(system, str) else "".join(part.text for part in system or ())]
        parts += [message.text or "" for message in self.last.messages]
        return "\n\n".join(part for part in parts if part), self.last.config.response_format


class NoBlockingEngine:
    """Stands where the model library wants an engine for blocking calls; there are none here."""

    def complete(self, request):
        raise NotImplementedError
