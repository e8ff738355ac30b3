"""The tools that come with the application."""

from elysia_desktop.engine.tools.aggregate import Aggregate
from elysia_desktop.engine.tools.basic_linear_regression import BasicLinearRegression
from elysia_desktop.engine.tools.cited_summarize import CitedSummarize
from elysia_desktop.engine.tools.final_text_response import FinalTextResponse
from elysia_desktop.engine.tools.query import Query
from elysia_desktop.engine.tools.query_postprocessing import SummariseItems
from elysia_desktop.engine.tools.read_document import ReadDocument
from elysia_desktop.engine.tools.search_documents import SearchDocuments
from elysia_desktop.engine.tools.summarize import Summarizer
from elysia_desktop.engine.tools.summarize_document import SummarizeDocument
from elysia_desktop.engine.tools.text_response import TextResponse
from elysia_desktop.engine.tools.visualise import Visualise

BUILTIN_TOOLS = (
    CitedSummarize,
    TextResponse,
    Aggregate,
    Query,
    SummariseItems,
    Visualise,
    Summarizer,
    BasicLinearRegression,
    FinalTextResponse,
    SearchDocuments,
    ReadDocument,
    SummarizeDocument,
)

__all__ = [
    "BUILTIN_TOOLS",
    "Aggregate",
    "BasicLinearRegression",
    "CitedSummarize",
    "FinalTextResponse",
    "Query",
    "ReadDocument",
    "SearchDocuments",
    "SummariseItems",
    "SummarizeDocument",
    "Summarizer",
    "TextResponse",
    "Visualise",
]
