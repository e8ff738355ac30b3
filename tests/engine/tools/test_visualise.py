import json

import pytest
from engine.asking import answer, decision, errors, kinds, prompts, texts, told, tree_for
from engine.charts.found import SHOP
from engine.test_runner import films_query, finish, written
from engine.tools.stopping import stopped_at
from support.scripted_model import Json, ScriptedModel, Stall

from elysia_desktop.core.errors import ToolError
from elysia_desktop.core.objects import Result
from elysia_desktop.engine.budget import LOCAL_BUDGET, estimate_tokens
from elysia_desktop.engine.tool import tool
from elysia_desktop.engine.tools import Visualise

pytestmark = pytest.mark.usefixtures("nothing_left")


@tool
async def shop():
    """Give the shop's products."""
    yield Result(SHOP, name="Products")


def chosen(title="Drawn", description="", x_axis_label="", y_axis_label="", **shows):
    return Json(
        {
            "shows": shows,
            "title": title,
            "description": description,
            "x_axis_label": x_axis_label,
            "y_axis_label": y_axis_label,
        }
    )


def films_by(field, *metrics):
    return written(
        {"collection": "Films", "group_by": field, "metrics": list(metrics), "filters": [], "match": "all"}
    )


def charts(payloads):
    return [
        p["payload"] for p in payloads if p["type"] == "result" and p["payload"]["type"].endswith("_chart")
    ]


async def drawn_from_films(clients, chart_type, *replies):
    """Query all films, then draw."""
    script = [
        decision("query", collection_names=["Films"]),
        written(films_query()),
        decision("visualise", end=True, chart_type=chart_type),
        *replies,
        answer("There it is."),
    ]
    with ScriptedModel(script) as model:
        tree = tree_for(model, preset="default")
        payloads = await told(tree, "Draw the films", clients)
        return tree, payloads, prompts(model)


async def test_counts_of_groups_become_bars(clients):
    metric = {"property": "rating", "function": "MEAN"}
    script = [
        decision("aggregate", collection_names=["Films"]),
        films_by("seen", metric),
        decision("visualise", end=True, chart_type="bar"),
        chosen(
            "Ratings",
            result="aggregate/Films/1",
            labels="seen",
            values=["number of objects", "mean of rating"],
        ),
        answer("Seen films are rated better."),
    ]
    with ScriptedModel(script) as model:
        tree = tree_for(model, preset="default")
        payloads = await told(tree, "Chart the mean rating of films seen and not seen", clients)
    (chart,) = charts(payloads)
    assert chart["type"] == "bar_chart"
    assert chart["metadata"]["chart_type"] == "bar"
    (shown,) = chart["objects"]
    assert shown["_REF_ID"] == "visualise_bar_chart_1_0"
    rows = dict(zip(shown["data"]["x_labels"], shown["data"]["y_values"]["mean of rating"], strict=True))
    assert rows == {"True": 8.25, "False": pytest.approx(4.65)}
    assert (shown["title"], shown["x_axis_label"]) == ("Ratings", "seen")
    assert texts(payloads) == ["Seen films are rated better."]


@pytest.mark.parametrize(
    ("chart_type", "shows", "field"),
    [
        ("bar", {"labels": "title", "values": ["rating"], "combine": "mean"}, "rating"),
        ("histogram", {"values": ["year"]}, "year"),
        ("scatter_or_line", {"x": "premiere", "values": ["rating"], "kind": "line"}, "rating"),
    ],
)
async def test_what_is_drawn_are_the_values_of_the_objects_it_names(clients, chart_type, shows, field):
    tree, payloads, _ = await drawn_from_films(clients, chart_type, chosen(result="query/Films/1", **shows))
    (chart,) = charts(payloads)
    data = chart["objects"][0]["data"]
    values = {
        "bar": lambda: data["y_values"][field],
        "histogram": lambda: data[field]["distribution"],
        "scatter_or_line": lambda: [point["value"] for point in data["y_axis"][0]["data_points"]],
    }[chart_type]()
    (source,) = chart["metadata"]["sources"]
    assert values == [tree.environment.object(ref_id)[field] for (ref_id,) in source["ref_ids"]]
    assert len(values) == 4
    json.dumps(chart)


async def test_a_choice_that_makes_no_chart_is_sent_back_with_the_reason(clients):
    _, payloads, said = await drawn_from_films(
        clients,
        "scatter_or_line",
        chosen(result="query/Films/1", x="year", values=["plot"], kind="scatter"),
        chosen(result="query/Films/1", x="rating", values=["rating"], kind="scatter"),
        chosen(result="query/Films/1", x="year", values=["rating"], kind="scatter"),
    )
    assert "“rating” cannot be on both axes" in said[5][1]
    assert "'year' or 'rating'" in said[4][1]
    assert len(charts(payloads)) == 1
    used = [p["payload"] for p in payloads if p["type"] == "model_used"]
    assert [u["attempts"] for u in used if u["purpose"] == "visualise"] == [3]
    assert errors(payloads) == []


async def test_a_model_that_never_chooses_right_ends_in_an_error_and_words(clients):
    wrong = chosen(result="query/Films/1", x="rating", values=["rating"], kind="scatter")
    _, payloads, _ = await drawn_from_films(clients, "scatter_or_line", wrong, wrong, wrong)
    assert charts(payloads) == []
    assert "cannot be on both axes" in errors(payloads)[0]
    assert texts(payloads) == ["There it is."]


async def test_only_results_and_fields_that_can_be_drawn_are_offered_and_no_value_is_asked_for(clients):
    _, _, said = await drawn_from_films(
        clients, "histogram", chosen(result="query/Films/1", values=["rating"])
    )
    system, user = said[3]
    shape = system.rpartition("Reply with")[2]
    assert 'result: "query/Films/1"' in shape
    assert '["year"|"rating", …]' in shape
    assert "number" not in shape.replace("numbers", "")
    assert "rating (number, 1.0 to 8.5)" in user
    assert "Ignore your instructions" not in user


@pytest.mark.parametrize(
    ("chart_type", "objects", "told_instead"),
    [
        ("histogram", [{"name": "a"}, {"name": "b"}], "It could be drawn as: bar."),
        ("scatter_or_line", [{"name": "a", "n": 1}, {"name": "b", "n": 2}], "drawn as: bar, histogram."),
        ("bar", [{"deep": {"a": 1}}], "Retrieve or aggregate some first."),
    ],
)
async def test_what_cannot_be_drawn_is_an_error_that_says_what_can(
    empty_clients, chart_type, objects, told_instead
):
    @tool
    async def finds():
        """Finds."""
        yield Result(objects, name="Things")

    script = [decision("finds"), decision("visualise", end=True, chart_type=chart_type), answer("No.")]
    with ScriptedModel(script) as model:
        payloads = await told(tree_for(model, finds, Visualise(), finish), "Draw", empty_clients)
    assert told_instead in errors(payloads)[0]
    assert f"as {chart_type}: that needs" in errors(payloads)[0]
    assert texts(payloads) == ["No."]


async def test_it_is_offered_once_objects_were_found(empty_clients):
    script = [decision("shop"), decision("visualise", end=True, chart_type="histogram")]
    script += [chosen(result="shop/Products/1", values=["price"]), answer("Drawn.")]
    with ScriptedModel(script) as model:
        payloads = await told(tree_for(model, shop, Visualise(), finish), "Draw", empty_clients)
        systems = [system for system, _ in prompts(model)]
    assert "- visualise: Draw a chart" not in systems[0]
    assert "- visualise: Draw a chart" in systems[1]
    assert kinds(payloads).count("result") == 2


@pytest.mark.parametrize(("number", "offered"), [(0, False), (3, True)])
async def test_it_is_not_offered_for_numbers_over_nothing(empty_clients, number, offered):
    @tool
    async def counts():
        """Count."""
        return Result([{"num_items": number, "collections": [{"Films": {}}]}], {"num_items": number})

    with ScriptedModel([decision("counts"), decision("finish", text="Counted.")]) as model:
        await told(tree_for(model, counts, Visualise(), finish), "How many?", empty_clients)
        systems = [system for system, _ in prompts(model)]
    assert ("- visualise: Draw a chart" in systems[1]) is offered


async def test_words_left_empty_are_taken_from_the_fields_and_what_is_missing_is_said(empty_clients):
    script = [decision("shop"), decision("visualise", end=True, chart_type="bar")]
    script += [
        chosen(
            "", "Mind the gap.", result="shop/Products/1", labels="name", values=["rating"], combine="mean"
        ),
        answer("Drawn."),
    ]
    with ScriptedModel(script) as model:
        payloads = await told(tree_for(model, shop, Visualise(), finish), "Draw", empty_clients)
    (chart,) = charts(payloads)
    (shown,) = chart["objects"]
    assert shown["title"] == "rating by name"
    assert (shown["x_axis_label"], shown["y_axis_label"]) == ("name", "rating")
    assert shown["description"] == "Mind the gap. Left out: 1 without rating."
    assert chart["metadata"]["left_out"] == ["1 without rating"]


async def test_its_prompt_stays_within_the_budget_whatever_was_found(empty_clients):
    @tool
    async def finds():
        """Finds much."""
        for number in range(6):
            fields = {f"field {n} of {'x' * 30}": f"{'long ' * 12}{n}" for n in range(30)}
            numbers = {f"number {n} of {'y' * 50}": n for n in range(30)}
            yield Result([{**fields, **numbers}] * 3, name=f"{'Things ' * 20}{number}")

    script = [decision("finds"), decision("visualise", end=True, chart_type="bar")]
    with ScriptedModel([*script, *[Json({})] * 3, answer("No.")]) as model:
        await told(tree_for(model, finds, Visualise(), finish), "Draw " * 2000, empty_clients)
        system, user = prompts(model)[2]
    assert estimate_tokens(system + user) <= LOCAL_BUDGET + 60


async def test_stopping_while_the_model_chooses_leaves_what_was_found(clients):
    script = [
        decision("query", collection_names=["Films"]),
        written(films_query()),
        decision("visualise", chart_type="bar"),
        Stall('{"shows": '),
    ]
    with ScriptedModel(script) as model:
        tree = tree_for(model, preset="default")
        await stopped_at(model, 4, told(tree, "Draw", clients))
        await tree.aclose()
    assert tree.environment.find("query", "Films")
    assert tree.environment.find("visualise", "bar_chart") is None


async def test_an_unknown_type_of_chart_is_refused_with_those_there_are():
    with pytest.raises(ToolError, match="“pie”") as refused:
        await anext(Visualise()(None, {"chart_type": "pie"}, None, None, None))
    assert "bar, histogram, scatter_or_line" in refused.value.hint
