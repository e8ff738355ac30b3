"""The tool that draws charts of what was found."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, get_args

from elysia_desktop.core.errors import ToolError
from elysia_desktop.core.payloads import Error, ModelUsed
from elysia_desktop.engine.charts.choosing import MAX_TABLES, Choosable, choosable, choose_chart
from elysia_desktop.engine.charts.models import ChartResult, ChartType
from elysia_desktop.engine.charts.tables import Table, tables_of
from elysia_desktop.engine.tool import Tool, ToolInput

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model


class Visualise(Tool):
    """Draw a chart of objects that were found."""

    name = "visualise"
    description = "Draw a chart of what was found. Only where a chart, plot, graph or diagram is asked for."
    status = "Drawing…"
    end = True
    inputs = {  # noqa: RUF012 - never written to, copied per instance
        "chart_type": ToolInput(
            description="bar: a value per label; histogram: how numbers are spread; scatter_or_line: over numbers "
            "or time",
            type=Literal["bar", "histogram", "scatter_or_line"],
            default="bar",
            required=True,
        )
    }

    async def is_tool_available(
        self, tree_data: TreeData, base_lm: Model, complex_lm: Model, client_manager: ClientManager
    ) -> bool:
        """Available once objects were found."""
        # An aggregation of nothing is an object, too, which answers a question but cannot be drawn.
        return any(
            entry["objects"] and entry["metadata"].get("num_items") != 0
            for _, _, entry in tree_data.environment.entries()
        )

    async def __call__(
        self,
        tree_data: TreeData,
        inputs: dict[str, Any],
        base_lm: Model,
        complex_lm: Model,
        client_manager: ClientManager,
        **kwargs: Any,
    ) -> AsyncGenerator[ChartResult | Error | ModelUsed, None]:
        """Ask the complex model which fields to draw, take their values from the objects, yield the chart."""
        chart_type: ChartType = inputs.get("chart_type") or "bar"
        if chart_type not in get_args(ChartType):
            raise ToolError(
                f"There is no chart type “{chart_type}”.", f"There are: {', '.join(get_args(ChartType))}."
            )
        tables = list(tables_of(tree_data.environment))
        choices = _choices(tables, chart_type)
        if not choices:
            yield Error(_no_chart(tables, chart_type))
            return
        result, spent = await choose_chart(choices, chart_type, tree_data, complex_lm)
        yield spent
        yield result


def _choices(tables: list[Table], chart_type: ChartType) -> list[Choosable]:
    """The newest results that can be drawn."""
    fitting = (choosable(table, chart_type) for table in tables)
    return list(islice((each for each in fitting if each is not None), MAX_TABLES))


def _no_chart(tables: list[Table], chart_type: ChartType) -> str:
    """Why nothing can be drawn, and what could be."""
    needs = {
        "bar": "objects with labels and numbers",
        "histogram": "objects with a number each",
        "scatter_or_line": "objects with two numbers each, or a date and a number",
    }
    others = [kind for kind in get_args(ChartType) if kind != chart_type and _choices(tables, kind)]
    could = f" It could be drawn as: {', '.join(others)}." if others else " Retrieve or aggregate some first."
    return f"Nothing that was found can be drawn as {chart_type}: that needs {needs[chart_type]}.{could}"
