"""The tool that fits a straight line through two fields of what was found."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.errors import ToolError
from elysia_desktop.engine.charts.drawing import draw_points
from elysia_desktop.engine.charts.models import (
    ChartResult,
    ScatterOrLineChart,
    ScatterOrLineDataPoint,
    ScatterOrLineYAxisData,
)
from elysia_desktop.engine.charts.tables import Table, columns_of, is_number
from elysia_desktop.engine.signatures import one_of
from elysia_desktop.engine.stored_objects import objects_of
from elysia_desktop.engine.tool import Tool, ToolInput

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.environment import Environment
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model

_LEAST = 3
"""A line through two points always fits."""


@dataclass(frozen=True)
class Fit:
    """`y = intercept + slope · x`, and the share of the variance of `y` that it explains (None where `y` is constant)."""

    intercept: float
    slope: float
    r_squared: float | None


class BasicLinearRegression(Tool):
    """Fit a line between two numeric fields, and draw it among the points."""

    name = "basic_linear_regression_tool"
    description = (
        "Fit a straight line between two numeric fields of what was found, to tell how one depends on the "
        "other; draws it too."
    )
    status = "Fitting a line…"
    inputs = {  # noqa: RUF012 - never written to, copied per instance
        "environment_key": ToolInput(
            description="whose objects to use", type=str, default=None, required=True
        ),
        "x_variable_field": ToolInput(
            description="the field that explains", type=str, default=None, required=True
        ),
        "y_variable_field": ToolInput(
            description="the field to be explained", type=str, default=None, required=True
        ),
    }

    def inputs_for(self, tree_data: TreeData) -> dict[str, ToolInput]:
        """The inputs with the tools and numeric fields that there are as the only values."""
        fields = numeric_fields(tree_data.environment)
        names = list(dict.fromkeys(name for group in fields.values() for name in group))
        if not fields:
            return self.inputs
        kinds = (one_of(list(fields)), one_of(names), one_of(names))
        narrowed = {key: declared.copy() for key, declared in self.inputs.items()}
        for declared, kind in zip(narrowed.values(), kinds, strict=True):
            declared["type"] = kind
        return narrowed

    async def is_tool_available(
        self, tree_data: TreeData, base_lm: Model, complex_lm: Model, client_manager: ClientManager
    ) -> bool:
        """Available once objects with two numeric fields were found."""
        return bool(numeric_fields(tree_data.environment))

    async def __call__(
        self,
        tree_data: TreeData,
        inputs: dict[str, Any],
        base_lm: Model,
        complex_lm: Model,
        client_manager: ClientManager,
        **kwargs: Any,
    ) -> AsyncGenerator[ChartResult, None]:
        """Fit by ordinary least squares; yield points and line. Raises `ToolError` where no line can be fitted."""
        environment = tree_data.environment
        key, x, y = (inputs.get(name) for name in self.inputs)
        fields = numeric_fields(environment)
        if key not in fields:
            raise ToolError(f"There is no “{key}” with two numeric fields.", f"There are: {_listed(fields)}.")
        missing = [name for name in (x, y) if name not in fields[key]]
        if missing or x == y:
            told = (
                f"“{missing[0]}” is no numeric field of {key}." if missing else "The two fields are the same."
            )
            raise ToolError(told, f"Choose two of: {', '.join(fields[key])}.")
        objects = objects_under(environment, str(key))
        yield regression(objects, str(x), str(y))


def objects_under(environment: Environment, key: str) -> list[dict[str, Any]]:
    """All objects that a tool found, each once; charts are none."""
    found: dict[str, dict[str, Any]] = {}
    for tool, _, entry in environment.entries():
        if tool == key and "chart_type" not in entry["metadata"]:
            found |= {item["_REF_ID"]: item for item in objects_of(environment, entry)}
    return list(found.values())


def numeric_fields(environment: Environment) -> dict[str, list[str]]:
    """For each tool whose objects have at least two numeric fields, these fields."""
    fields: dict[str, list[str]] = {}
    for tool in dict.fromkeys(tool for tool, _, _ in environment.results()):
        columns = columns_of(objects_under(environment, tool)).values()
        names = [column.name for column in columns if column.kind == "number"]
        if len(names) > 1:
            fields[tool] = names
    return fields


def fitted(x: Sequence[float], y: Sequence[float]) -> Fit:
    """The least squares line; `ToolError` where the points leave it open."""
    import numpy as np

    across, up = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if np.all(across == across[0]):
        raise ToolError(
            "All objects have the same x value, so no line can be fitted.", "Choose another field."
        )
    with np.errstate(all="ignore"):  # what overflows is refused below
        # Numbers such as years would make the two columns nearly the same one, so x is centred and scaled.
        centre, spread = across.mean(), across.std()
        scaled = (across - centre) / spread
        if not (np.isfinite(spread) and np.isfinite(scaled).all()):
            raise ToolError("The values are too large for a line to be fitted.", "Choose other fields.")
        columns = np.column_stack([np.ones_like(scaled), scaled])
        (middle, steepness), _, _, _ = np.linalg.lstsq(columns, up, rcond=None)
        slope = float(steepness / spread)
        intercept = float(middle - slope * centre)
        total = float(((up - up.mean()) ** 2).sum())
        left = float(((up - middle - steepness * scaled) ** 2).sum())
    if not np.isfinite([slope, intercept, total, left]).all():
        raise ToolError("The values are too large for a line to be fitted.", "Choose other fields.")
    return Fit(intercept, slope, None if np.all(up == up[0]) or not total else 1 - left / total)


def regression(objects: Sequence[Mapping[str, Any]], x: str, y: str) -> ChartResult:
    """The objects' points, the line through them and how well it fits."""
    points = [item for item in objects if is_number(item.get(x)) and is_number(item.get(y))]
    if len(points) < _LEAST:
        raise ToolError(f"Only {len(points)} objects have both “{x}” and “{y}”; a line takes {_LEAST}.")
    fit = fitted([float(item[x]) for item in points], [float(item[y]) for item in points])
    table = Table("", [str(item["_REF_ID"]) for item in objects], columns_of(objects))
    drawn = draw_points(table, x, [y])
    line = [
        ScatterOrLineDataPoint(value=fit.intercept + fit.slope * float(point.value))
        for point in drawn.data.x_axis
    ]
    drawn.data.y_axis.append(ScatterOrLineYAxisData(label="fitted line", kind="line", data_points=line))
    quality = "" if fit.r_squared is None else f", R² = {fit.r_squared:.4g}"
    told = (
        f"{y} = {fit.intercept:.6g} {'-' if fit.slope < 0 else '+'} {abs(fit.slope):.6g} · {x}{quality}, "
        f"from {len(points):,} objects."
    )
    left_out = f" Left out: {'; '.join(drawn.left_out)}." if drawn.left_out else ""
    chart = ScatterOrLineChart(
        title=f"{y} by {x}", description=told + left_out, x_axis_label=x, y_axis_label=y, data=drawn.data
    )
    numbers = {
        "intercept": fit.intercept,
        "slope": fit.slope,
        "r_squared": fit.r_squared,
        "number": len(points),
    }
    metadata = {"left_out": drawn.left_out, "regression": numbers, "sources": drawn.sources}
    return ChartResult([chart], "scatter_or_line", metadata=metadata)


def _listed(names: Mapping[str, Any]) -> str:
    return ", ".join(names) or "none"
