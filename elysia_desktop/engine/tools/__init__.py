"""The tools that come with the application."""

from elysia_desktop.engine.tools.aggregate import Aggregate
from elysia_desktop.engine.tools.cited_summarize import CitedSummarize
from elysia_desktop.engine.tools.final_text_response import FinalTextResponse
from elysia_desktop.engine.tools.query import Query
from elysia_desktop.engine.tools.text_response import TextResponse

BUILTIN_TOOLS = (CitedSummarize, TextResponse, Aggregate, Query, FinalTextResponse)

__all__ = ["BUILTIN_TOOLS", "Aggregate", "CitedSummarize", "FinalTextResponse", "Query", "TextResponse"]
