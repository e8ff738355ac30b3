"""The charts that a tool may yield, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field

from elysia_desktop.core.objects import Result

ChartType = Literal["bar", "histogram", "scatter_or_line"]
Number = int | float


class BarChartData(BaseModel):
    """The bars' labels, and for each series one value per label."""

    x_labels: list[str | int | float]
    y_values: dict[str, list[Number]]


class BarChart(BaseModel):
    """A bar, or a few side by side, for each label."""

    title: str
    description: str
    x_axis_label: str
    y_axis_label: str
    data: BarChartData


class HistogramData(BaseModel):
    """All values of a series; whoever draws them chooses the bins."""

    distribution: list[Number]


class HistogramChart(BaseModel):
    """How the values of one or more series are spread."""

    title: str
    description: str
    x_axis_label: str = ""
    y_axis_label: str = ""
    data: dict[str, HistogramData]


class ScatterOrLineDataPoint(BaseModel):
    """A number or an ISO 8601 date, and words for the point, empty where there are none."""

    value: Number | str
    label: str = ""


class ScatterOrLineYAxisData(BaseModel):
    """A series: one point for each point of the x axis."""

    label: str
    kind: Literal["scatter", "line"]
    data_points: list[ScatterOrLineDataPoint]


class ScatterOrLineDataPoints(BaseModel):
    """The x values, ascending, that all series share.

    With `normalize_y_axis`, each series is to be drawn on a scale of its own, 0 to 1.
    """

    x_axis: list[ScatterOrLineDataPoint] = Field(default_factory=list[ScatterOrLineDataPoint])
    y_axis: list[ScatterOrLineYAxisData] = Field(default_factory=list[ScatterOrLineYAxisData])
    normalize_y_axis: bool = False


class ScatterOrLineChart(BaseModel):
    """Points or lines over numbers or dates."""

    title: str
    description: str
    x_axis_label: str
    y_axis_label: str
    data: ScatterOrLineDataPoints


Chart = BarChart | HistogramChart | ScatterOrLineChart


class ChartResult(Result):
    """Charts of one type; `metadata` says which objects and fields each value comes from."""

    def __init__(
        self,
        charts: Sequence[Chart],
        chart_type: ChartType,
        title: str = "",
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        named = title or (charts[0].title if len(charts) == 1 else "")
        super().__init__(
            [chart.model_dump() for chart in charts],
            {"chart_title": named, "chart_type": chart_type, **(metadata or {})},
            payload_type=f"{chart_type}_chart",
            name=f"{chart_type}_chart",
        )

    def llm_parse(self) -> str:
        """Which charts the person was shown."""
        number = len(self.objects)
        kind = str(self.metadata["chart_type"]).replace("_", " ")
        told = "; ".join(str(item["description"]).rstrip(".") for item in self.objects if item["description"])
        return (
            f"Showed the user {number} {kind} chart{'' if number == 1 else 's'} "
            f"“{self.metadata['chart_title']}”{f': {told}' if told else ''}."
        )
