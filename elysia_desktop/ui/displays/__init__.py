"""Displays of results, one per type; an unknown type is shown as a table."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from elysia_desktop.ui.displays.aggregation import AggregationDisplay
from elysia_desktop.ui.displays.bar_chart import BarChartDisplay
from elysia_desktop.ui.displays.base import Payload, ResultDisplay
from elysia_desktop.ui.displays.conversation import ConversationDisplay
from elysia_desktop.ui.displays.document import DocumentDisplay
from elysia_desktop.ui.displays.generic import GenericDisplay
from elysia_desktop.ui.displays.histogram_chart import HistogramChartDisplay
from elysia_desktop.ui.displays.message import MessageDisplay
from elysia_desktop.ui.displays.product import ProductDisplay
from elysia_desktop.ui.displays.scatter_or_line_chart import ScatterOrLineChartDisplay
from elysia_desktop.ui.displays.table import TableDisplay
from elysia_desktop.ui.displays.ticket import TicketDisplay

DISPLAYS: dict[str, type[ResultDisplay]] = {
    "table": TableDisplay,
    "aggregation": AggregationDisplay,
    "product": ProductDisplay,
    "ticket": TicketDisplay,
    "message": MessageDisplay,
    "conversation": ConversationDisplay,
    "document": DocumentDisplay,
    "generic": GenericDisplay,
    "bar_chart": BarChartDisplay,
    "histogram_chart": HistogramChartDisplay,
    "scatter_or_line_chart": ScatterOrLineChartDisplay,
}


def display_for(payload: Payload, parent: QWidget | None = None) -> ResultDisplay:
    """The display of a result; `payload` is what the envelope of a `result` holds."""
    return DISPLAYS.get(str(payload.get("type")), TableDisplay)(payload, parent)
