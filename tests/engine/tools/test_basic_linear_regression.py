import json
from typing import get_args

import pytest
from engine.asking import decision, errors, told, tree_for
from engine.charts.found import GROUPS, SHOP, found, table
from engine.test_runner import finish
from hypothesis import given, settings
from hypothesis import strategies as st
from support.scripted_model import ScriptedModel

from elysia_desktop.core.errors import ToolError
from elysia_desktop.core.objects import Result
from elysia_desktop.engine.charts.drawing import MAX_POINTS
from elysia_desktop.engine.tool import tool
from elysia_desktop.engine.tools import BasicLinearRegression
from elysia_desktop.engine.tools.basic_linear_regression import (
    fittable,
    fitted,
    numeric_fields,
    regression,
)

NAME = "basic_linear_regression_tool"


def points(*pairs):
    return table(*({"x": x, "y": y} for x, y in pairs))


@settings(deadline=None)  # the first one loads NumPy
@given(
    st.floats(-100, 100),
    st.floats(-1000, 1000),
    st.lists(st.integers(-1000, 1000), min_size=3, max_size=30, unique=True),
)
def test_points_on_a_line_give_that_line(slope, intercept, x):
    fit = fitted(x, [intercept + slope * each for each in x])
    assert fit.slope == pytest.approx(slope, abs=1e-6)
    assert fit.intercept == pytest.approx(intercept, abs=1e-4)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1900, 2030), st.floats(-50, 50)), min_size=3, max_size=40))
def test_no_other_line_is_nearer_and_the_share_explained_is_a_share(pairs):
    x, y = zip(*pairs, strict=True)
    if len(set(x)) == 1:
        return

    def distance(intercept, slope):
        return sum((up - intercept - slope * across) ** 2 for across, up in pairs)

    fit = fitted(x, y)
    best = distance(fit.intercept, fit.slope)
    for turn, shift in ((0.01, 0), (-0.01, 0), (0, 0.1), (0, -0.1)):
        assert best <= distance(fit.intercept + shift, fit.slope + turn) + 1e-6
    if fit.r_squared is None:
        assert max(y) - min(y) < 1e-150
    else:
        assert -1e-6 <= fit.r_squared <= 1 + 1e-9


def test_a_known_fit_is_told_with_its_share_and_drawn_ascending():
    result = regression(points((3, 6), (1, 2), (2, 5), (4, None)), "x", "y")
    told_fit = result.metadata["regression"]
    assert told_fit == {
        "intercept": pytest.approx(1 / 3),
        "slope": pytest.approx(2),
        "r_squared": pytest.approx(12 / 13),
        "number": 3,
    }
    (chart,) = result.objects
    assert chart["description"] == (
        "y = 0.333333 + 2 · x, R² = 0.9231, from 3 objects. Left out: 1 without y."
    )
    assert [point["value"] for point in chart["data"]["x_axis"]] == [1, 2, 3]
    scatter, line = chart["data"]["y_axis"]
    assert (scatter["kind"], line["kind"]) == ("scatter", "line")
    assert [point["value"] for point in scatter["data_points"]] == [2, 5, 6]
    assert [point["value"] for point in line["data_points"]] == pytest.approx([7 / 3, 13 / 3, 19 / 3])
    assert result.metadata["sources"][0]["ref_ids"] == [
        ["query_Products_1_1"], ["query_Products_1_2"], ["query_Products_1_0"]
    ]  # fmt: skip
    assert "R² = 0.9231" in result.llm_parse()
    json.dumps(result.to_json())


def test_a_level_line_explains_no_share():
    result = regression(points((1, 0.1), (2, 0.1), (3, 0.1)), "x", "y")
    assert result.metadata["regression"]["r_squared"] is None
    assert "R²" not in result.objects[0]["description"]


def test_all_points_are_fitted_where_only_some_are_drawn():
    result = regression(points(*((n, 2 * n) for n in range(MAX_POINTS + 2))), "x", "y")
    assert result.metadata["regression"]["number"] == MAX_POINTS + 2
    assert len(result.objects[0]["data"]["x_axis"]) == MAX_POINTS
    assert result.metadata["left_out"] == ["2 of 2,002 values"]


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        ([(1, 1), (2, 2)], "Only 2 objects"),
        ([(1, 1), (1, 2), (1, 3)], "same x value"),
        ([(1, 1e308), (2, -1e308), (3, 1e308)], "too large"),
        ([(1e308, 1), (-1e308, 2), (1.1e308, 3)], "too large"),
    ],
)
def test_where_no_line_can_be_fitted_the_reason_is_told(pairs, reason):
    with pytest.raises(ToolError, match=reason):
        regression(points(*pairs), "x", "y")


def test_only_results_of_objects_with_two_numeric_fields_are_told_of():
    made = found(*SHOP)
    made.add_objects("other", "Words", [{"name": "a", "n": 1}])
    made.add_objects("visualise", "bar_chart", [{"a": 1, "b": 2}], {"chart_type": "bar"})
    made.add_objects("aggregate", "Products", [GROUPS])
    assert {key: numeric_fields(each) for key, each in fittable(made).items()} == {
        "query/Products/1": ["price", "rating"]
    }


def test_each_result_is_fitted_alone():
    made = found(*({"price": n, "rating": 2 * n} for n in range(5)))
    made.add_objects("query", "Hotels", [{"price": 1000 + n, "rating": -5 * n} for n in range(5)])
    made.add_objects("query", "Products", [{"price": n, "rating": 3 * n} for n in range(4)])
    slopes = {
        key: regression(each, "price", "rating").metadata["regression"]["slope"]
        for key, each in fittable(made).items()
    }
    assert slopes == {
        "query/Hotels/1": pytest.approx(-5),
        "query/Products/2": pytest.approx(3),
        "query/Products/1": pytest.approx(2),
    }


def test_words_in_a_field_of_one_result_take_it_from_no_other():
    made = found(*SHOP)
    made.add_objects("query", "Cars", [{"price": "on request", "rating": 1, "doors": 4}])
    assert {key: numeric_fields(each) for key, each in fittable(made).items()} == {
        "query/Cars/1": ["rating", "doors"],
        "query/Products/1": ["price", "rating"],
    }


def test_of_many_results_the_newest_can_be_chosen():
    made = found(*SHOP)
    for number in range(10):
        made.add_objects("query", "Products", [{"a": number, "b": 1}])
    assert list(fittable(made))[:2] == ["query/Products/11", "query/Products/10"]
    assert len(fittable(made)) == 8


@tool
async def shop():
    """Give products."""
    more = {"name": "Beck", "category": "Boots", "price": 60, "rating": 2.5}
    yield Result([*SHOP, more, {**more, "price": 30}], name="Products")


async def asked(empty_clients, *replies):
    with ScriptedModel([decision("shop"), *replies, decision("finish", end=True)]) as model:
        tree = tree_for(model, shop, BasicLinearRegression(), finish)
        return tree, await told(tree, "Does the price tell the rating?", empty_clients), model


async def test_it_is_offered_with_the_fields_that_there_are(empty_clients):
    tree, payloads, model = await asked(
        empty_clients,
        decision(
            NAME, environment_key="query/Products/1", x_variable_field="price", y_variable_field="rating"
        ),
        decision(
            NAME, environment_key="shop/Products/1", x_variable_field="price", y_variable_field="rating"
        ),
    )
    first, second = (r.body["messages"] for r in model.requests[:2])
    assert (
        f"(not yet: {NAME}. Available once objects with two numeric fields were found.)"
        in first[0]["content"]
    )
    assert 'x_variable_field: "price"|"rating"' in second[0]["content"]
    assert "'shop/Products/1'" in model.requests[2].body["messages"][1]["content"]
    chart = next(p["payload"] for p in payloads if p["payload"].get("type") == "scatter_or_line_chart")
    assert chart["metadata"]["regression"]["number"] == 4
    assert errors(payloads) == []
    narrowed = BasicLinearRegression().inputs_for(tree.tree_data)
    assert get_args(narrowed["environment_key"]["type"]) == ("shop/Products/1",)


async def test_the_same_field_twice_is_an_error_that_says_what_there_is(empty_clients):
    given = {"environment_key": "shop/Products/1", "x_variable_field": "price", "y_variable_field": "price"}
    _, payloads, _ = await asked(empty_clients, decision(NAME, **given))
    assert errors(payloads) == ["The two fields are the same. Choose two of: price, rating."]


async def test_without_inputs_it_says_what_it_needs(empty_clients):
    with ScriptedModel([]) as model:
        tree = tree_for(model, shop, finish)
        tree.add_tool(BasicLinearRegression(), from_tool_ids=["shop"])
        tree.add_tool(finish, from_tool_ids=["shop", NAME])
        payloads = await told(tree, "Fit", empty_clients, training_route=f"shop/{NAME}/finish")
    assert len(errors(payloads)) == 1
    assert "environment_key" in errors(payloads)[0] or "shop" in errors(payloads)[0]
