"""The tool that fits a straight line through two fields of what was found."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.errors import ToolError
from elysia_desktop.engine.charts.drawing import draw_points
from elysia_desktop.engine.charts.models import (
    ChartResult,
    ScatterOrLineChart,
    ScatterOrLineDataPoint,
    ScatterOrLineYAxisData,
)
from elysia_desktop.engine.charts.tables import Table, tables_of
from elysia_desktop.engine.signatures import one_of
from elysia_desktop.engine.tool import Tool, ToolInput

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.environment import Environment
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model

_LEAST = 3
"""A line through two points always fits."""
_MOST_RESULTS = 8
"""The newest results that can be chosen from: each takes room in every decision."""


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
            description="which result's objects to use, newest first", type=str, default=None, required=True
        ),
        "x_variable_field": ToolInput(
            description="the field that explains", type=str, default=None, required=True
        ),
        "y_variable_field": ToolInput(
            description="the field to be explained", type=str, default=None, required=True
        ),
    }

    def inputs_for(self, tree_data: TreeData) -> dict[str, ToolInput]:
        """The inputs with the results and numeric fields that there are as the only values."""
        tables = fittable(tree_data.environment)
        names = list(dict.fromkeys(name for table in tables.values() for name in numeric_fields(table)))
        if not tables:
            return self.inputs
        kinds = (one_of(list(tables)), one_of(names), one_of(names))
        narrowed = {key: declared.copy() for key, declared in self.inputs.items()}
        for declared, kind in zip(narrowed.values(), kinds, strict=True):
            declared["type"] = kind
        return narrowed

    async def is_tool_available(
        self, tree_data: TreeData, base_lm: Model, complex_lm: Model, client_manager: ClientManager
    ) -> bool:
        """Available once objects with two numeric fields were found."""
        return bool(fittable(tree_data.environment))

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
        key, x, y = (inputs.get(name) for name in self.inputs)
        tables = fittable(tree_data.environment)
        if key not in tables:
            raise ToolError(f"There is no “{key}” with two numeric fields.", f"There are: {_listed(tables)}.")
        fields = numeric_fields(tables[key])
        missing = [name for name in (x, y) if name not in fields]
        if missing or x == y:
            told = (
                f"“{missing[0]}” is no numeric field of {key}." if missing else "The two fields are the same."
            )
            raise ToolError(told, f"Choose two of: {', '.join(fields)}.")
        yield regression(tables[key], str(x), str(y))


def fittable(environment: Environment) -> dict[str, Table]:
    """The newest results whose objects have at least two numeric fields, by key; each is one of its own."""
    fitting = (t for t in tables_of(environment) if t.can_count and len(numeric_fields(t)) > 1)
    return {table.key: table for table in islice(fitting, _MOST_RESULTS)}


def numeric_fields(table: Table) -> list[str]:
    """The fields of a result that hold numbers."""
    return table.of_kind("number")


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


def regression(table: Table, x: str, y: str) -> ChartResult:
    """The points of a result's objects, the line through them and how well it fits."""
    pairs = zip(table.columns[x].values, table.columns[y].values, strict=True)
    points = [(float(across), float(up)) for across, up in pairs if across is not None and up is not None]
    if len(points) < _LEAST:
        raise ToolError(f"Only {len(points)} objects have both “{x}” and “{y}”; a line takes {_LEAST}.")
    fit = fitted([across for across, _ in points], [up for _, up in points])
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


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
